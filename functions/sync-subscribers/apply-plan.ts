import pMap from "p-map";
import { applyBatch, type BatchOutcome } from "../domain/apply-batch.ts";
import type { Change, PlanSummary } from "../domain/plan.ts";
import type { Discrepancy } from "../domain/reconcile.ts";
import type { Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import { readChanges } from "./plan-store.ts";
import type { DiscrepancySum, SyncReport } from "./report.ts";

/** How many batches are under way at once: fewer than pages, for what they do is heavier. */
const concurrency = 4;

export interface ApplyDependencies {
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  /** Whether a change is no longer right, because the provider holds something else by now. */
  isStale(change: Change): boolean;
}

/**
 * Sends a stored plan's changes, a chunk to a batch. `run.report.applied` tells at every moment what is done
 * and what is left. After a failure no batch is begun, those under way are waited for, and then it is thrown.
 */
export async function applyPlan(
  summary: PlanSummary,
  { provider, store, quarantine, isStale }: ApplyDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const total = summary.chunks.reduce((sum, chunk) => sum + chunk.changes, 0);
  const applied = { ...nothingApplied, left: total };
  const sums = new Map<string, DiscrepancySum>();
  run.report.applied = applied;
  const when = { since: run.startedAt.getTime(), signal: run.signal };
  let failure: unknown;
  await pMap(
    summary.chunks.keys(),
    async (chunk) => {
      if (failure !== undefined) return;
      try {
        const changes = await readChanges(store, summary, chunk);
        const fresh = changes.filter((change) => !isStale(change));
        const write = (part: readonly Change[]) => provider.writeBatch(part, when);
        const outcome = await applyBatch(chunk + 1, fresh, write);
        if (fresh.length > 0) applied.batches++;
        for (const { change, reason } of outcome.refused) {
          await quarantine.add({ email: change.email, reason, change });
        }
        addOutcome(applied, outcome);
        for (const discrepancy of outcome.discrepancies) addDiscrepancy(sums, discrepancy);
        const stale = changes.length - fresh.length + outcome.stale;
        applied.stale += stale;
        applied.left -= stale + outcome.accepted + outcome.refused.length;
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
    const note = `the provider refused ${applied.quarantined} of ${total} changes: they stand in the quarantine`;
    run.report.notes = [...(run.report.notes ?? []), note];
  }
  if (failure !== undefined) throw failure;
}

export const nothingApplied: SyncReport["applied"] = {
  batches: 0,
  accepted: 0,
  created: 0,
  subscribed: 0,
  unsubscribed: 0,
  dataChanged: 0,
  quarantined: 0,
  stale: 0,
  left: 0,
};

function addOutcome(applied: SyncReport["applied"], outcome: BatchOutcome): void {
  applied.accepted += outcome.accepted;
  applied.created += outcome.created;
  applied.subscribed += outcome.subscribed;
  applied.unsubscribed += outcome.unsubscribed;
  applied.dataChanged += outcome.dataChanged;
  applied.quarantined += outcome.refused.length;
}

function addDiscrepancy(sums: Map<string, DiscrepancySum>, discrepancy: Discrepancy): void {
  const { counter, predicted, answered, afterRetry } = discrepancy;
  const sum = sums.get(counter) ?? {
    counter,
    predicted: 0,
    answered: 0,
    batches: 0,
    afterRetry: 0,
  };
  sum.predicted += predicted;
  sum.answered += answered;
  sum.batches++;
  if (afterRetry) sum.afterRetry++;
  sums.set(counter, sum);
}
