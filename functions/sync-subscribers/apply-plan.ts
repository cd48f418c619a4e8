import pMap from "p-map";
import { applyBatch, type BatchOutcome } from "../domain/apply-batch.ts";
import type { Change, Group, PlanChunk, PlanSummary } from "../domain/plan.ts";
import type { Discrepancy } from "../domain/reconcile.ts";
import { note, type Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import { readChanges } from "./plan-store.ts";
import type { AppliedCounts, DiscrepancySum, SyncReport } from "./report.ts";

/** How many batches are sent at the same time: fewer than pages, as a batch costs the provider more. */
const concurrency = 4;

/** Groups that are sent to their end before anything else begins: an opt-out never waits. */
const first: readonly Group[] = ["unsubscribe", "missing"];

export interface ApplyDependencies {
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  /** The groups of the plan that may be sent. */
  readonly groups: ReadonlySet<Group>;
  /** Whether a change is no longer right, because either side has changed. */
  isStale(change: Change): boolean;
  /** Called with what became of each batch. */
  onOutcome(chunk: PlanChunk, outcome: BatchOutcome): void;
}

/**
 * Sends the changes of a stored plan, a chunk to a batch. `run.report.applied` always tells what is done and what
 * is left. After a failure no batch is begun; those being sent are waited for, and then the failure is thrown.
 */
export async function applyPlan(
  summary: PlanSummary,
  { provider, store, quarantine, groups, isStale, onOutcome }: ApplyDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const applied = nothingApplied(summary, groups);
  const total = applied.left;
  const sums = new Map<string, DiscrepancySum>();
  run.report.applied = applied;
  const options = { since: run.startedAt.getTime(), signal: run.signal };
  let batches = 0;
  let failure: unknown;
  const send = async (chunk: PlanChunk) => {
    if (failure !== undefined) return;
    try {
      const changes = await readChanges(store, summary, chunk);
      const fresh = changes.filter((change) => !isStale(change));
      const write = (part: readonly Change[]) => provider.writeBatch(part, options);
      const outcome = await applyBatch(++batches, fresh, write);
      if (fresh.length > 0) applied.batches++;
      for (const { change, reason } of outcome.refused) {
        await quarantine.add({ email: change.email, reason, change });
      }
      addOutcome(applied, outcome, changes.length - fresh.length);
      onOutcome(chunk, outcome);
      for (const discrepancy of outcome.discrepancies) addDiscrepancy(sums, discrepancy);
      failure ??= outcome.failure;
      run.progress("applying the plan", total - applied.left, total);
    } catch (error) {
      failure ??= error;
    }
  };
  const sent = summary.chunks.filter(({ group }) => groups.has(group));
  for (const isFirst of [true, false]) {
    const chunks = sent.filter(({ group }) => first.includes(group) === isFirst);
    await pMap(chunks, send, { concurrency });
  }
  run.report.discrepancies = [...sums.values()];
  await quarantine.finish();
  if (applied.quarantined > 0) {
    note(run, `the provider refused ${applied.quarantined} of ${total} changes: they are in the quarantine`);
  }
  if (failure !== undefined) throw failure;
}

/** What is reported of a plan of which no change has been sent. */
export function nothingApplied({ chunks }: PlanSummary, groups: ReadonlySet<Group>): AppliedCounts {
  const byKind = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
  const counts = { batches: 0, accepted: 0, ...byKind, quarantined: 0, stale: 0, waiting: 0, left: 0 };
  for (const { group, changes } of chunks) counts[groups.has(group) ? "left" : "waiting"] += changes;
  return counts;
}

/** @param stale how many changes of the batch were not given to the provider at all */
function addOutcome(applied: AppliedCounts, outcome: BatchOutcome, stale: number): void {
  for (const { kind } of outcome.applied) applied[kind]++;
  applied.accepted += outcome.applied.length;
  applied.quarantined += outcome.refused.length;
  applied.stale += stale + outcome.stale;
  applied.left -= outcome.applied.length + outcome.refused.length + stale + outcome.stale;
}

function addDiscrepancy(sums: Map<string, DiscrepancySum>, discrepancy: Discrepancy): void {
  const { counter, predicted, answered, afterRetry } = discrepancy;
  const sum = sums.get(counter) ?? { counter, predicted: 0, answered: 0, batches: 0, afterRetry: 0 };
  sum.predicted += predicted;
  sum.answered += answered;
  sum.batches++;
  if (afterRetry) sum.afterRetry++;
  sums.set(counter, sum);
}
