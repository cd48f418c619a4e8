import { NewsletterSyncError } from "../domain/errors.ts";
import {
  type Change,
  changeGroups,
  type Group,
  type GroupCounts,
  groupCounts,
  noChanges,
  type PlanSummary,
} from "../domain/plan.ts";
import type { Return } from "../domain/return.ts";
import { nameOf } from "../domain/unforeseen-error.ts";
import type { Exemption } from "../planning/check-plan.ts";
import { note } from "../platform/run.ts";
import { giveReturns } from "./give-returns.ts";
import type { Job } from "./job.ts";
import { sendChanges } from "./send-changes.ts";

export interface DeliverOptions {
  readonly groups: ReadonlySet<Group>;
  /** Why what is delivered does not count against the limits of the day. */
  readonly exempt: Exemption | undefined;
  /** Whether both sides, as they are now, do not ask for it any more. */
  isStale(row: Change | Return): boolean;
}

/**
 * Delivers these groups of a plan: returns to the database, then changes to the provider, and neither is lost if the other
 * fails. What became of them is remembered, however it ends.
 *
 * @throws what failed; if both did, or the time is up, the failure of the changes, after a note on the other one
 */
export async function deliverPlan(job: Job, plan: PlanSummary, options: DeliverOptions): Promise<void> {
  const { memory, run } = job;
  const { groups, exempt } = options;
  job.history?.delivers(groups);
  const intended = countsIn(groups, groupCounts(plan));
  const budget = await memory.budget();
  const delivered = noChanges();
  const isSent = changeGroups.some((group) => intended[group] > 0);
  // Read while the budget is written.
  if (isSent) void memory.acts();
  await budget.begin(run.id, intended, exempt);
  try {
    const failure = groups.has("return") ? await attempt(() => returnAll(job, plan, options)) : undefined;
    delivered.return = run.report.returned?.taken ?? 0;
    const sendingFailure = await attempt(async () => {
      run.signal.throwIfAborted();
      if (isSent) await sendChanges(job, plan, { ...options, delivered });
    });
    const last = sendingFailure ?? failure;
    if (failure !== undefined && failure !== last) note(run, wordsOf(failure));
    if (last !== undefined) throw last;
  } finally {
    await budget.end(run.id, delivered);
    if (exempt === "filling" && run.report.applied?.left === 0) await budget.endFilling();
    await memory.save();
  }
}

async function returnAll(job: Job, plan: PlanSummary, { isStale }: DeliverOptions): Promise<void> {
  const { sink, run } = job;
  if (sink !== undefined) await giveReturns(plan, { ...job, sink, isStale, commit: true }, run);
}

async function attempt(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Only the messages of our own errors are known to hold no address. */
function wordsOf(error: unknown): string {
  return error instanceof NewsletterSyncError ? error.message : `returns: ${nameOf(error)}`;
}

function countsIn(groups: ReadonlySet<Group>, counts: GroupCounts): GroupCounts {
  const entries = Object.entries(counts) as [Group, number][];
  return Object.fromEntries(
    entries.map(([group, count]) => [group, groups.has(group) ? count : 0]),
  ) as GroupCounts;
}
