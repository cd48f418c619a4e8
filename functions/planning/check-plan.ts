import { type LimitUse, limitUses } from "../domain/limit-use.ts";
import { groupsOf, type LimitName } from "../domain/limits.ts";
import { type Group, groupCounts, groups, type PlanSummary } from "../domain/plan.ts";
import { findRefusals, isBeingFilled, type Refusal, waits } from "../domain/safety.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { NamedList } from "./named-list.ts";
import { placeForName } from "./who-approves.ts";

interface CheckDependencies {
  readonly list: NamedList;
  readonly memory: ListMemory;
}

/** Which limits a plan exceeds, with what runs of the last 24 hours did. */
export async function checkPlan({ list, memory }: CheckDependencies, plan: PlanSummary): Promise<Refusal[]> {
  return findRefusals(plan, await memory.budget(), list.configuration.limits);
}

/** How near a plan comes to each limit. To be asked before any of it is done, which then counts as done. */
export async function measureLimits(
  { list, memory }: CheckDependencies,
  plan: PlanSummary,
): Promise<LimitUse[]> {
  return limitUses(plan, await memory.budget(), list.configuration.limits);
}

/** The groups that may be sent although no person has approved them. */
export function passingGroups(refusals: readonly Refusal[]): ReadonlySet<Group> {
  return new Set(groups.filter((group) => !waits(group, refusals)));
}

/** What a person may send: the groups that only the approved limits hold back; if none is named, those that none does. */
export function approvedGroups(
  refusals: readonly Refusal[],
  approve: readonly LimitName[] | undefined,
): ReadonlySet<Group> {
  const standing = refusals.filter(({ limit }) => !approve?.includes(limit));
  const asked = approve === undefined ? groups : approve.flatMap((limit) => groupsOf[limit]);
  return new Set(asked.filter((group) => !waits(group, standing)));
}

/** Why what runs do does not count against the limits of the day: of what is `filling` a list, the new subscribers. */
export type Exemption = "approved" | "filling";

/** @param approve the limits that a person names */
export async function exemptionOf(
  { memory }: Pick<CheckDependencies, "memory">,
  plan: Pick<PlanSummary, "current">,
  approve?: readonly LimitName[],
): Promise<Exemption | undefined> {
  if (approve !== undefined) return "approved";
  return isBeingFilled(plan, await memory.budget()) ? "filling" : undefined;
}

/** The event that approves a plan of the list: it names the limits that the plan exceeds. */
export function approvalOf(
  { planId }: PlanSummary,
  refusals: readonly Refusal[],
  list: NamedList,
): ApplyEvent {
  const approve = refusals.map(({ limit }) => limit);
  return { list: list.name, apply: planId, ...(approve.length > 0 && { approve }), ...placeForName(list) };
}

/** What would become of a plan that a person only looks at. */
export function outlook(plan: PlanSummary, refusals: readonly Refusal[], event: ApplyEvent): string {
  if (Object.values(groupCounts(plan)).every((count) => count === 0)) return "there is nothing to apply";
  if (refusals.length === 0) return `the plan exceeds no limit: ${JSON.stringify(event)} applies it as it is`;
  return whatWaits("would have to wait for a person", refusals, event);
}

/** Says that some of a plan waits, or would have to, and how a person approves it. */
export function whatWaits(
  how: "waits for a person" | "would have to wait for a person",
  refusals: readonly Refusal[],
  event: ApplyEvent,
): string {
  const why = refusals.map(({ message }) => message).join("; ");
  return `some of the plan ${how}: ${why}. If that is right, ${JSON.stringify(event)} approves it`;
}
