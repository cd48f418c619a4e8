import { setImmediate as nextTurn } from "node:timers/promises";
import type { ListConfiguration } from "../configuration.ts";
import { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Planner } from "../domain/diff/planner.ts";
import type { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { SourceError } from "../domain/errors.ts";
import type { PlanSummary } from "../domain/plan.ts";
import type { Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { writeChanges, writeSummary } from "./plan-store.ts";
import { readWholeList } from "./read-list.ts";
import type { SyncReport } from "./report.ts";

/** How long a stored plan may be approved: beyond that too much may have changed in the database. */
const planLifetimeMs = 24 * 60 * 60 * 1000;

export interface PlanDependencies {
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  openSource(): Promise<SourceReading>;
}

/** Reads both sides, decides on every address and stores the plan. Nothing is written to the provider. */
export async function makePlan(
  list: { name: string; configuration: ListConfiguration },
  dependencies: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const { planner, readAt } = await readBothSides(list.configuration, dependencies, run);
  return await storePlan(list, { planner, readAt }, dependencies, run);
}

/**
 * Reads the provider's list whole and matches the source with it.
 *
 * @param run.recentSince who subscribed since then (ms since the epoch) came after the source was read; left
 *   out, it is the time of this reading
 */
export async function readBothSides(
  configuration: ListConfiguration,
  { provider, quarantine, openSource }: Omit<PlanDependencies, "store">,
  run: Run<SyncReport> & { readonly recentSince?: number },
): Promise<{ planner: Planner; readAt: number }> {
  const counted = provider.countSubscribers(run.signal);
  // Awaited later: a source that can not be opened is reported first.
  counted.catch(() => undefined);
  let source = await openSource();
  let matcher: DesiredMatcher | undefined;
  const alongside = async (index: SubscriberIndex, signal: AbortSignal) => {
    if (matcher !== undefined) {
      // Another reading of the list has a new index, which knows nothing of the source.
      await source.close();
      source = await openSource();
      await quarantine.restart();
    }
    matcher = new DesiredMatcher(index);
    await readSource(source, matcher, quarantine, { ...run, signal });
  };
  try {
    const { result, notes } = await readWholeList(provider, {
      columns: source.columns,
      recentSince: run.recentSince ?? source.readAt,
      signal: run.signal,
      counted,
      alongside,
      conclude: (index) => ({
        planner: new Planner({ index, matcher: matcher!, policy: configuration }),
        notes: notesOnFields(index),
      }),
      progress: (done, total) => run.progress("reading the provider", done, total),
    });
    run.report.notes = [...notes, ...result.notes];
    return { planner: result.planner, readAt: source.readAt };
  } finally {
    await source.close();
  }
}

async function readSource(
  source: SourceReading,
  matcher: DesiredMatcher,
  quarantine: Quarantine,
  run: Run<SyncReport>,
): Promise<void> {
  let rows = 0;
  for await (const { records, rejected } of source.blocks()) {
    run.signal.throwIfAborted();
    matcher.match(records);
    for (const row of rejected) await quarantine.add(row);
    rows += records.count + rejected.length;
    run.progress("reading the source", rows);
    // Blocks that were read ahead would else keep the pages waiting that have arrived meanwhile.
    await nextTurn();
  }
}

async function storePlan(
  { name, configuration }: { name: string; configuration: ListConfiguration },
  { planner, readAt }: { planner: Planner; readAt: number },
  { provider, store, quarantine }: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const rejectedRows = quarantine.rows;
  const { counts } = planner;
  const batchSize = Math.min(configuration.batchSize, provider.maxBatchRows);
  const changes = writeChanges(store, { list: name, planId: run.id }, batchSize);
  for (const step of planner.steps()) {
    run.signal.throwIfAborted();
    if (step.kind === "rejected") await quarantine.add({ email: step.email, reason: step.reason });
    else await changes.add(step);
  }
  await Promise.all([changes.finish(), quarantine.finish()]);
  counts.desired.rejected += rejectedRows;
  if (counts.desired.subscribed + counts.desired.unsubscribed === 0) {
    const problem = `none of its ${counts.desired.rejected} rows has an address that a provider would take`;
    throw new SourceError("its rows", problem);
  }
  if (counts.desired.sharedGuids > 0) {
    const note = `rows that share another row's guid and go without it: ${counts.desired.sharedGuids}`;
    run.report.notes = [...(run.report.notes ?? []), note];
  }
  const summary: PlanSummary = {
    planId: run.id,
    list: name,
    createdAt: run.startedAt.toISOString(),
    sourceReadAt: new Date(readAt).toISOString(),
    expiresAt: new Date(run.startedAt.getTime() + planLifetimeMs).toISOString(),
    columns: [...planner.columns],
    ...counts,
    chunks: changes.chunks.map(({ rows, sha256 }) => ({ changes: rows, sha256 })),
  };
  await writeSummary(store, summary);
  return summary;
}

/** What the provider never shows can not be kept in step. */
function notesOnFields(index: SubscriberIndex): string[] {
  if (index.rows === 0) return [];
  const hidden = index.columns.filter((column) =>
    column === "guid" ? !index.comparable.guid : !index.comparable.data,
  );
  if (hidden.length === 0) return [];
  return [`the provider shows no ${hidden.join(", ")} when it is read, so these go only to new subscribers`];
}
