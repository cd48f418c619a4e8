import type { BatchOutcome } from "../domain/apply-batch.ts";
import { canonicalEmail } from "../domain/email.ts";
import { type Change, type Group, type GroupCounts, groupCounts, type PlanSummary } from "../domain/plan.ts";
import { applyPlan } from "./apply-plan.ts";
import type { Job } from "./job.ts";

interface SendOptions {
  readonly groups: ReadonlySet<Group>;
  /** Why what is sent does not count against the limits of the day. */
  readonly exempt: "approved" | "filling" | undefined;
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
  const sent = { unsubscribe: 0, missing: 0, subscribe: 0, resubscribe: 0, update: 0, fill: 0 };
  const [budget, acts, refusals] = await Promise.all([memory.budget(), memory.acts(), memory.refusals()]);
  await budget.begin(run.id, intended, exempt);
  const onOutcome = (group: Group, { applied, refused }: BatchOutcome) => {
    const at = run.now().getTime();
    sent[group] += applied.length;
    for (const change of applied) {
      const act = actOf(change);
      if (act !== undefined) acts.record(canonicalEmail(change.email), act, at);
      refusals.forget(change);
    }
    for (const { change } of refused) refusals.record(change, at);
  };
  try {
    const dependencies = { provider, store, quarantine, groups, isStale };
    await applyPlan(
      plan,
      { ...dependencies, onOutcome: ({ group }, outcome) => onOutcome(group, outcome) },
      run,
    );
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
