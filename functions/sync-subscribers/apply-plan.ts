import pMap from "p-map";
import { applyBatch, type BatchOutcome } from "../domain/apply-batch.ts";
import type { Change, PlanSummary } from "../domain/plan.ts";
import type { Discrepancy } from "../domain/reconcile.ts";
import { note, type Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import { readChanges } from "./plan-store.ts";
import type { AppliedCounts, DiscrepancySum, SyncReport } from "./report.ts";

/** How many batches are sent at the same time: fewer than pages, as a batch costs the provider more. */
const concurrency = 4;

export interface ApplyDependencies {
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  /** Whether a change is no longer right, because either side has changed. */
  isStale(change: Change): boolean;
}

/**
 * Sends the changes of a stored plan, a chunk to a batch. `run.report.applied` always tells what is done and what
 * is left. After a failure no batch is begun; those being sent are waited for, and then the failure is thrown.
 */
export async function applyPlan(
  summary: PlanSummary,
  { provider, store, quarantine, isStale }: ApplyDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const applied = nothingApplied(summary);
  const total = applied.left;
  const sums = new Map<string, DiscrepancySum>();
  run.report.applied = applied;
  const options = { since: run.startedAt.getTime(), signal: run.signal };
  let failure: unknown;
  await pMap(
    summary.chunks.keys(),
    async (chunk) => {
      if (failure !== undefined) return;
      try {
        const changes = await readChanges(store, summary, chunk);
        const fresh = changes.filter((change) => !isStale(change));
        const write = (part: readonly Change[]) => provider.writeBatch(part, options);
        const outcome = await applyBatch(chunk + 1, fresh, write);
        if (fresh.length > 0) applied.batches++;
        for (const { change, reason } of outcome.refused) {
          await quarantine.add({ email: change.email, reason, change });
        }
        addOutcome(applied, outcome, changes.length - fresh.length);
        for (const discrepancy of outcome.discrepancies) addDiscrepancy(sums, discrepancy);
        failure ??= outcome.failure;
        run.progress("applying the plan", total - applied.left, total);
      } catch (error) {
        failure ??= error;
      }
    },
    { concurrency },
  );
  run.report.discrepancies = [...sums.values()];
  await quarantine.finish();
  if (applied.quarantined > 0) {
    note(run, `the provider refused ${applied.quarantined} of ${total} changes: they are in the quarantine`);
  }
  if (failure !== undefined) throw failure;
}

/** What is reported of a plan of which no change has been sent. */
export function nothingApplied({ chunks }: PlanSummary): AppliedCounts {
  const left = chunks.reduce((sum, { changes }) => sum + changes, 0);
  const byKind = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
  return { batches: 0, accepted: 0, ...byKind, quarantined: 0, stale: 0, left };
}

/** @param stale how many changes of the batch were not given to the provider at all */
function addOutcome(applied: AppliedCounts, outcome: BatchOutcome, stale: number): void {
  const done = outcome.applied;
  const accepted = done.subscribe + done.resubscribe + done.update + done.unsubscribe;
  applied.accepted += accepted;
  applied.subscribe += done.subscribe;
  applied.resubscribe += done.resubscribe;
  applied.update += done.update;
  applied.unsubscribe += done.unsubscribe;
  applied.quarantined += outcome.refused.length;
  applied.stale += stale + outcome.stale;
  applied.left -= accepted + outcome.refused.length + stale + outcome.stale;
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
