import type { BatchAnswer, RefusedChange } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { WriteOptions } from "../provider.ts";
import { type WriteReport, writeReportSchema } from "./answers.ts";
import type { OwnpageClient, SentRow } from "./client.ts";
import { countersOf } from "./counters.ts";
import type { Look, Looked } from "./look-before-sending.ts";
import { createErrorReader } from "./row-errors.ts";

/** No change of the batch is right any more, or an attempt whose answer was lost had applied them all. */
class NothingToSend extends Error {}

/** Stands for the report of a request that was not made. */
const { report: emptyReport } = writeReportSchema.parse({ report: {} });

interface BatchTools {
  readonly client: OwnpageClient;
  readonly look: Look;
}

/**
 * Sends a batch. Before each attempt the list is looked at again, and what is stale is left out.
 *
 * @throws BatchRefusedError, whose positions are those in `changes`
 */
export async function writeBatch(
  changes: readonly Change[],
  { client, look }: BatchTools,
  options: WriteOptions,
): Promise<BatchAnswer> {
  const { signal, tries } = options;
  const stale: Change[] = [];
  const unconfirmed: Change[] = [];
  let attempts = 0;
  let sent = changes;
  let looked: Looked | undefined;
  /** New addresses that the list had before the first attempt: from then on an attempt of ours may have added them. */
  let held: ReadonlySet<Change> = new Set();

  const rows = async (): Promise<SentRow[]> => {
    const before = looked;
    looked = await look(sent, options);
    before?.settle(0);
    const { leftOut } = looked;
    if (attempts === 0) held = looked.held;
    (attempts === 0 ? stale : unconfirmed).push(...leftOut);
    sent = sent.filter((change) => !leftOut.has(change));
    if (sent.length === 0) throw new NothingToSend();
    return sent.map(rowOf);
  };
  const placeOf = (position: number) => changes.indexOf(sent[position]!);
  let added = 0;
  try {
    const report = await client.write(rows, { signal, tries, onSend: () => attempts++, placeOf });
    const { refused, explained } = refusedBy(report, sent);
    const isRefused = new Set(refused.map(({ change }) => change));
    added = sent.filter(
      (change) => change.kind === "subscribe" && !held.has(change) && !isRefused.has(change),
    ).length;
    // Unconfirmed changes are predicted: if an attempt that got no answer applied them, the counters do not show it.
    const predicted = [...sent, ...unconfirmed].filter((change) => !isRefused.has(change));
    const counters = countersOf(report, { applied: predicted, held, refused: refused.length, explained });
    const heldOnes = sent.filter((change) => held.has(change) && !isRefused.has(change));
    return { refused, stale, unconfirmed, held: heldOnes, counters, attempts };
  } catch (error) {
    if (!(error instanceof NothingToSend)) throw error;
    const counters = countersOf(emptyReport, { applied: unconfirmed });
    return { refused: [], stale, unconfirmed, held: [], counters, attempts };
  } finally {
    looked?.settle(added);
  }
}

/** The rows that the report of an accepted batch names as wrong, and how many of its errors name any. */
function refusedBy(
  { errors }: WriteReport,
  sent: readonly Change[],
): { refused: RefusedChange[]; explained: number } {
  const refused = new Map<Change, RefusedChange>();
  const readError = createErrorReader(sent);
  let explained = 0;
  for (const error of errors) {
    const lines = readError(error);
    if (lines.length > 0) explained++;
    for (const { position, reason } of lines) {
      const change = sent[position]!;
      refused.set(change, { change, reason });
    }
  }
  return { refused: [...refused.values()], explained };
}

/** Only a resubscription says `subscribed: true`: whoever opted out since the plan was made must stay so. */
function rowOf(change: Change): SentRow {
  const { email } = change;
  switch (change.kind) {
    case "subscribe":
    case "update":
      return { email, ...change.fields };
    case "resubscribe":
      return { email, subscribed: true, ...change.fields };
    case "unsubscribe":
      return { email, subscribed: false, unsubscribed_cause: change.cause };
  }
}
