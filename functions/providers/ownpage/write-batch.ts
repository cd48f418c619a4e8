import type { Change } from "../../domain/plan.ts";
import type { BatchAnswer } from "../../domain/reconcile.ts";
import type { WriteOptions } from "../provider.ts";
import type { OwnpageClient, SentRow } from "./client.ts";
import { type WriteReport, writeReportSchema } from "./schema.ts";

/** Nothing of a batch is right any more, or an attempt whose answer was lost had done it all. */
class NothingToSend extends Error {}

/** Of a request that was not made: every counter that is left out counts nothing. */
const { report: noReport } = writeReportSchema.parse({ report: {} });

interface BatchTools {
  readonly client: OwnpageClient;
  /** Which of these resubscriptions still are what the plan saw. */
  look(resubscriptions: readonly Change[], options: WriteOptions): Promise<ReadonlySet<Change>>;
}

/**
 * Sends a batch. Its resubscriptions are looked at again each time before it is sent, and left out when the address no
 * longer is what the plan saw.
 *
 * @throws BatchRefusedError, whose positions are those of `changes`
 */
export async function writeBatch(
  changes: readonly Change[],
  { client, look }: BatchTools,
  options: WriteOptions,
): Promise<BatchAnswer> {
  let attempts = 0;
  let sent = changes;
  const stale: Change[] = [];
  const unconfirmed: Change[] = [];

  const rows = async (): Promise<SentRow[]> => {
    const resubscriptions = sent.filter(isResubscription);
    if (resubscriptions.length > 0) {
      const asSeen = await look(resubscriptions, options);
      const leftOut = new Set(resubscriptions.filter((change) => !asSeen.has(change)));
      (attempts === 0 ? stale : unconfirmed).push(...leftOut);
      sent = sent.filter((change) => !leftOut.has(change));
    }
    if (sent.length === 0) throw new NothingToSend();
    return sent.map(rowOf);
  };

  try {
    const { signal } = options;
    const placeOf = (position: number) => changes.indexOf(sent[position]!);
    const report = await client.write(rows, { signal, onSend: () => attempts++, placeOf });
    return { ...answerOf(report), stale, unconfirmed, attempts };
  } catch (error) {
    if (!(error instanceof NothingToSend)) throw error;
    return { ...answerOf(noReport), stale, unconfirmed, attempts };
  }
}

function isResubscription({ kind }: Change): boolean {
  return kind === "resubscribe";
}

/** Only a resubscription says `subscribed: true`: what opted out since the plan was made must stay so. */
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

function answerOf(report: WriteReport): Omit<BatchAnswer, "attempts" | "stale" | "unconfirmed"> {
  return {
    uniqueEmails: report.unique_emails_count,
    duplicateEmails: report.duplicate_emails_count,
    duplicateGuids: report.duplicate_guid_count,
    created: report.nb_created,
    subscribed: report.nb_subscribed,
    unsubscribed: report.nb_unsubscribed,
    dataChanged: report.nb_data_changed,
    errors: report.errors.length,
  };
}
