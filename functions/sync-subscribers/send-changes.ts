import { canonicalEmail } from "../domain/email.ts";
import { type Change, type Group, groupOf, type PlanSummary } from "../domain/plan.ts";
import { applyPlan } from "./apply-plan.ts";
import type { Job } from "./job.ts";

interface SendOptions {
  readonly groups: ReadonlySet<Group>;
  /** Kept up to date with what the provider accepted and the limits of the day count. */
  readonly delivered: Record<Group, number>;
  isStale(change: Change): boolean;
}

/** Sends the changes in these groups of a plan, and remembers what the provider made of each. */
export async function sendChanges(job: Job, plan: PlanSummary, options: SendOptions): Promise<void> {
  const { provider, store, quarantine, memory, run } = job;
  const { groups, delivered, isStale } = options;
  const [acts, refusals] = await Promise.all([memory.acts(), memory.refusals()]);
  const onApplied = (changes: readonly Change[], held: readonly Change[]) => {
    const at = run.now().getTime();
    const isHeld = new Set(held);
    job.history?.addApplied(changes);
    for (const change of changes) {
      // What the provider refused before has not used up a limit, and does not now.
      if (!refusals.wasRefused(change)) delivered[groupOf(change)]++;
      const act = actOf(change);
      // Whoever subscribed themselves meanwhile has their days of grace.
      if (act !== undefined && !isHeld.has(change)) acts.record(canonicalEmail(change.email), act, at);
      refusals.forget(change);
    }
  };
  const { subscribed, unsubscribed } = run.report.current ?? plan.current;
  const held = subscribed + unsubscribed;
  const dependencies = { provider, store, quarantine, refusals, groups, held, isStale, onApplied };
  await applyPlan(plan, dependencies, run);
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
