import { setImmediate as nextTurn } from "node:timers/promises";
import type { ListConfiguration } from "../configuration.ts";
import { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Planner } from "../domain/diff/planner.ts";
import type { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import type { Run } from "../platform/run.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { readWholeList } from "./read-whole-list.ts";
import type { SyncReport } from "./report.ts";

export interface ReadDependencies {
  readonly provider: Provider;
  readonly quarantine: Quarantine;
  openSource(): Promise<SourceReading>;
}

export interface BothSidesOptions {
  readonly configuration: ListConfiguration;
  /**
   * Whoever subscribed at or after this time (ms since the epoch) did so after the source was read.
   *
   * @default when this reading's snapshot of the source was taken
   */
  readonly recentSince?: number;
}

/** Both sides of a list, matched address by address and ready to be planned. */
export interface BothSides {
  readonly planner: Planner;
  /** When the source's snapshot was taken, in ms since the epoch. */
  readonly sourceReadAt: number;
}

/** Reads the provider's whole list and the source at the same time, and matches them as they arrive. */
export async function readBothSides(
  { configuration, recentSince }: BothSidesOptions,
  { provider, quarantine, openSource }: ReadDependencies,
  run: Run<SyncReport>,
): Promise<BothSides> {
  const firstCount = provider.countSubscribers(run.signal);
  // Awaited later, so that a source that cannot be opened is reported first.
  firstCount.catch(() => undefined);
  let source = await openSource();
  let matcher: DesiredMatcher | undefined;
  const matchSource = async (index: SubscriberIndex, signal: AbortSignal) => {
    if (matcher !== undefined) {
      // Reading the list again fills a new index, which needs the whole source again.
      await source.close();
      source = await openSource();
      await quarantine.restart();
    }
    matcher = new DesiredMatcher(index);
    await readSource(source, { matcher, quarantine }, { progress: run.progress, signal });
  };
  try {
    const { result, notes } = await readWholeList(provider, {
      columns: source.columns,
      recentSince: recentSince ?? source.readAt,
      signal: run.signal,
      firstCount,
      whileReading: matchSource,
      whileRecounting: (index) => ({
        planner: new Planner({ index, matcher: matcher!, policy: configuration }),
        notes: notesOnHiddenFields(index),
      }),
      progress: (done, total) => run.progress("reading the provider", done, total),
    });
    run.report.notes = [...notes, ...result.notes];
    return { planner: result.planner, sourceReadAt: source.readAt };
  } finally {
    await source.close();
  }
}

async function readSource(
  source: SourceReading,
  { matcher, quarantine }: { matcher: DesiredMatcher; quarantine: Quarantine },
  { progress, signal }: Pick<Run<SyncReport>, "progress" | "signal">,
): Promise<void> {
  let rows = 0;
  for await (const { records, rejected } of source.blocks()) {
    signal.throwIfAborted();
    matcher.match(records);
    for (const row of rejected) await quarantine.add(row);
    rows += records.count + rejected.length;
    progress("reading the source", rows);
    // Blocks that were read ahead would otherwise delay the pages that have arrived meanwhile.
    await nextTurn();
  }
}

/** Fields that the provider does not show cannot be kept in step. */
function notesOnHiddenFields(index: SubscriberIndex): string[] {
  if (index.rows === 0) return [];
  const hidden = index.columns.filter((column) =>
    column === "guid" ? !index.comparable.guid : !index.comparable.data,
  );
  if (hidden.length === 0) return [];
  return [`the provider does not show ${hidden.join(", ")}, so only new subscribers get them`];
}
