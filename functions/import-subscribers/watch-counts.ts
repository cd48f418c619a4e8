import type { Run } from "../platform/run.ts";
import type { Importer } from "../providers/importer.ts";
import type { ListCounts } from "../providers/provider.ts";
import type { ImportReport } from "./report.ts";

const pollMs = 10_000;
/** How often the counts must come alike before they are said to stand still. */
const pollsAlike = 3;

export interface Watch {
  readonly importer: Importer;
  readonly limitMs: number;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/**
 * Reads the provider's counts until they have moved and stand still again, the limit has passed, or the run's
 * time is nearly over. No call tells how an import ended: its counts are all there is to see.
 */
export async function watchCounts(
  { importer, limitMs, sleep }: Watch,
  run: Run<ImportReport>,
): Promise<void> {
  let alike = 0;
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
    alike = isSame(counts, last) && !isSame(counts, before) ? alike + 1 : 0;
  } while (waitedMs < limitMs && alike < pollsAlike);
  run.report.settled = alike === pollsAlike;
}

/** The counts after a while; undefined when the run has no time left for them: the import is under way all the same. */
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
