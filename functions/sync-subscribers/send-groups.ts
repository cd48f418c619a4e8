import { canonicalEmail } from "../domain/email.ts";
import {
  type Change,
  type Group,
  type GroupCounts,
  groupCounts,
  groupOf,
  noChanges,
  type PlanSummary,
} from "../domain/plan.ts";
import type { Exemption } from "../planning/check-plan.ts";
import { applyPlan } from "./apply-plan.ts";
import type { Job } from "./job.ts";

interface SendOptions {
  readonly groups: ReadonlySet<Group>;
  /** Why what is sent does not count against the limits of the day. */
  readonly exempt: Exemption | undefined;
  isStale(change: Change): boolean;
}

/** Sends these groups of a plan, and remembers what became of them, however it ends. */
export async function sendGroups(job: Job, plan: PlanSummary, options: SendOptions): Promise<void> {
  const { provider, store, quarantine, memory, run } = job;
  const { groups, exempt, isStale } = options;
  const counts = groupCounts(plan);
  const intended = Object.fromEntries(
    Object.entries(counts).map(([group, count]) => [group, groups.has(group as Group) ? count : 0]),
  ) as GroupCounts;
  if (Object.values(intended).every((count) => count === 0)) {
    await memory.save();
    return;
  }
  const sent = noChanges();
  const [budget, acts, refusals] = await Promise.all([memory.budget(), memory.acts(), memory.refusals()]);
  await budget.begin(run.id, intended, exempt);
  const onApplied = (changes: readonly Change[]) => {
    const at = run.now().getTime();
    for (const change of changes) {
      sent[groupOf(change)]++;
      const act = actOf(change);
      if (act !== undefined) acts.record(canonicalEmail(change.email), act, at);
      refusals.forget(change);
    }
  };
  const onRefused = (changes: readonly Change[]) => {
    const at = run.now().getTime();
    for (const change of changes) refusals.record(change, at);
  };
  const wasRefused = (change: Change) => refusals.wasRefused(change);
  const { subscribed, unsubscribed } = run.report.current ?? plan.current;
  const held = subscribed + unsubscribed;
  const memories = { isStale, wasRefused, onApplied, onRefused };
  try {
    await applyPlan(plan, { provider, store, quarantine, groups, held, ...memories }, run);
  } finally {
    await budget.end(run.id, sent);
    await memory.save();
  }
}

function actOf({ kind }: Change): "subscribed" | "unsubscribed" | undefined {
  switch (kind) {
    case "subscribe":
    case "resubscribe":
      return "subscribed";
    case "unsubscribe":
      return "unsubscribed";
    case "update":
      return undefined;
  }
}
