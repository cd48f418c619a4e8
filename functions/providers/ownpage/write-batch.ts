import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { WriteOptions } from "../provider.ts";
import { writeReportSchema } from "./answers.ts";
import type { OwnpageClient, SentRow } from "./client.ts";
import { countersOf } from "./counters.ts";

/** No change of the batch is right any more, or an attempt whose answer was lost had applied them all. */
class NothingToSend extends Error {}

/** Stands for the report of a request that was not made. */
const { report: emptyReport } = writeReportSchema.parse({ report: {} });

interface BatchTools {
  readonly client: OwnpageClient;
  /** Which of these resubscriptions are still of an address as the plan saw it. */
  lookAgain(resubscriptions: readonly Change[], options: WriteOptions): Promise<ReadonlySet<Change>>;
}

/**
 * Sends a batch. Before each attempt its resubscriptions are looked at again, and those are left out whose
 * address is no longer what the plan saw.
 *
 * @throws BatchRefusedError, whose positions are those in `changes`
 */
export async function writeBatch(
  changes: readonly Change[],
  { client, lookAgain }: BatchTools,
  options: WriteOptions,
): Promise<BatchAnswer> {
  const { signal } = options;
  const stale: Change[] = [];
  const unconfirmed: Change[] = [];
  let attempts = 0;
  let sent = changes;

  const rows = async (): Promise<SentRow[]> => {
    const resubscriptions = sent.filter(isResubscription);
    if (resubscriptions.length > 0) {
      const asSeen = await lookAgain(resubscriptions, options);
      const leftOut = new Set(resubscriptions.filter((change) => !asSeen.has(change)));
      (attempts === 0 ? stale : unconfirmed).push(...leftOut);
      sent = sent.filter((change) => !leftOut.has(change));
    }
    if (sent.length === 0) throw new NothingToSend();
    return sent.map(rowOf);
  };
  const placeOf = (position: number) => changes.indexOf(sent[position]!);
  const report = await client
    .write(rows, { signal, onSend: () => attempts++, placeOf })
    .catch((error: unknown) => {
      if (error instanceof NothingToSend) return emptyReport;
      throw error;
    });
  // Unconfirmed changes are predicted: if an attempt that got no answer applied them, the counters do not show it.
  const neverSent = new Set(stale);
  const predicted = changes.filter((change) => !neverSent.has(change));
  return { refused: [], stale, unconfirmed, counters: countersOf(report, predicted), attempts };
}

function isResubscription({ kind }: Change): boolean {
  return kind === "resubscribe";
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
