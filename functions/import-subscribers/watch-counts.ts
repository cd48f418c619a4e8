import type { Run } from "../platform/run.ts";
import type { Importer } from "../providers/importer.ts";
import type { ListCounts } from "../providers/provider.ts";
import type { ImportReport } from "./report.ts";

const pollMs = 10_000;
/** After this many equal polls, the counts have settled. */
const equalPollsNeeded = 3;

export interface Watch {
  readonly importer: Importer;
  readonly limitMs: number;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/**
 * Reads the provider's counts until they have moved and settled, the limit has passed, or the run's time is nearly
 * over. The provider has no call that tells how an import ended, so its counts are all there is to go by.
 */
export async function watchCounts(
  { importer, limitMs, sleep }: Watch,
  run: Run<ImportReport>,
): Promise<void> {
  let equalPolls = 0;
  let waitedMs = 0;
  run.report.settled = false;
  do {
    const waitMs = Math.min(pollMs, limitMs - waitedMs);
    const { before, after: last = before } = run.report;
    const counts = await countLater(importer, () => sleep(waitMs, run.signal), run.signal);
    if (counts === undefined) return;
    waitedMs += waitMs;
    run.report.after = { subscribed: counts.subscribed, unsubscribed: counts.unsubscribed };
    run.progress("seconds of watching the provider's counts", waitedMs / 1000, limitMs / 1000);
    equalPolls = isSame(counts, last) && !isSame(counts, before) ? equalPolls + 1 : 0;
  } while (waitedMs < limitMs && equalPolls < equalPollsNeeded);
  run.report.settled = equalPolls === equalPollsNeeded;
}

/** The counts after a pause; undefined if the run has no time left, which does not stop the import. */
async function countLater(
  importer: Importer,
  sleep: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<ListCounts | undefined> {
  try {
    await sleep();
    return await importer.countSubscribers(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function isSame(counts: ListCounts, others: ListCounts | undefined): boolean {
  return counts.subscribed === others?.subscribed && counts.unsubscribed === others.unsubscribed;
}
