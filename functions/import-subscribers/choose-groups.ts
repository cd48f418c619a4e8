import { type Group, groupCounts, type PlanSummary, groups as planGroups } from "../domain/plan.ts";
import { type Refusal, waits } from "../domain/safety.ts";
import type { ApplyEvent } from "../planning/apply-event.ts";
import { approvedGroups, passingGroups } from "../planning/check-plan.ts";

/** What of a plan is imported. */
export interface Choice {
  readonly groups: ReadonlySet<Group>;
  /** The limits because of which some of what was asked for waits for a person. */
  readonly waiting: readonly Refusal[];
}

/** Without approval: what exceeds no limit. */
export function choosePassing(refusals: readonly Refusal[]): Choice {
  return { groups: passingGroups(refusals), waiting: refusals };
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
  };
}

/**
 * An approval that does less than a person may expect says so.
 *
 * @param choice.event approves what waits
 */
export function* notesOnApproval(
  plan: PlanSummary,
  refusals: readonly Refusal[],
  {
    groups,
    waiting: outgrown,
    approved,
    event,
  }: Choice & { readonly approved: PlanSummary; readonly event: ApplyEvent },
): Generator<string> {
  const counts = groupCounts(plan);
  const bounds = groupCounts(approved);
  const isNothing = [...groups].every((group) => counts[group] === 0);
  // What has outgrown its approval fails the run, and the error says so.
  if (isNothing && outgrown.length === 0) {
    yield [...groups].some((group) => bounds[group] > 0)
      ? "nothing was imported: neither side asks any more for what was approved"
      : "nothing was imported: the plan has no change that this event approves";
  }
  const held = planGroups.filter((group) => waits(group, refusals) && !groups.has(group));
  const waiting = held.reduce((sum, group) => sum + counts[group], 0);
  if (waiting > 0) {
    yield `${waiting} changes exceed a limit and still wait: ${JSON.stringify(event)} approves them`;
  }
}
