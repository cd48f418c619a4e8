import { type Group, groupCounts, type PlanSummary } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import type { ApplyEvent } from "../planning/apply-event.ts";
import { approvedGroups, passingGroups } from "../planning/check-plan.ts";

/** What of a plan is imported. */
export interface Choice {
  readonly groups: ReadonlySet<Group>;
  /** The limits because of which some of what was asked for waits for a person. */
  readonly waiting: readonly Refusal[];
  /** Why the rest does not count against the limits of the day. */
  readonly exempt: "approved" | "filling" | undefined;
}

/** Without approval: what passes no limit. */
export function choosePassing({ current }: PlanSummary, refusals: readonly Refusal[]): Choice {
  const isEmpty = current.subscribed + current.unsubscribed === 0;
  return {
    groups: passingGroups(refusals),
    waiting: refusals,
    exempt: isEmpty ? "filling" : undefined,
  };
}

/**
 * What a person has approved, of a plan that was made anew since. An approval holds for as many changes of each group as
 * the approved plan had: what has grown beyond that waits for another one.
 */
export function chooseApproved(
  plan: PlanSummary,
  refusals: readonly Refusal[],
  { approve, approved }: Pick<ApplyEvent, "approve"> & { readonly approved: PlanSummary },
): Choice {
  const counts = groupCounts(plan);
  const bounds = groupCounts(approved);
  const outgrown = refusals.filter(
    ({ limit, groups }) => approve?.includes(limit) && groups.some((group) => counts[group] > bounds[group]),
  );
  const standing = approve?.filter((name) => outgrown.every(({ limit }) => limit !== name));
  return {
    groups: approvedGroups(refusals, standing),
    waiting: outgrown,
    exempt: approve === undefined ? undefined : "approved",
  };
}
