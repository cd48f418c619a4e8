import type { Limit, LimitName, Limits } from "./limits.ts";
import { type Group, type GroupCounts, groupCounts, type PlanChunk, type PlanSummary } from "./plan.ts";

/** A limit on changes at the provider. */
type ChangeLimit = Exclude<LimitName, "return" | "reject">;

/** A limit that a plan exceeds, and the groups of changes that wait for a person because of it. */
export interface Refusal {
  readonly limit: LimitName;
  readonly groups: readonly Group[];
  /** Every number of it, for a person. */
  readonly message: string;
}

/** What runs did to a list within the last 24 hours. */
export interface DoneInADay {
  /** Unseen by a person, by group; without the filling of an empty list. */
  readonly spent: GroupCounts;
  /** Whether one of them began to fill an empty list, and none has finished that. */
  readonly isFilling: boolean;
}

/** What of a plan its limits are held against. */
export type JudgedPlan = Pick<PlanSummary, "current" | "desired" | "refusedBefore"> & {
  readonly chunks: readonly Pick<PlanChunk, "group" | "changes">[];
};

/** A floor lets this many through however small the list is. */
const smallestFloor = 10;

/**
 * Which groups of a plan are not safe to apply unseen. A limit is exceeded when the count is above its floor and its
 * ratio of the list as it was a day ago; the floor is half of that list at the most, or {@link smallestFloor} if that
 * is more. What runs did within the last 24 hours counts too. Each limit is judged by itself:
 *
 * | group | limit | what counts |
 * |---|---|---|
 * | optOut | unsubscribe | these alone: nothing else makes a reader's own word wait |
 * | unsubscribe | unsubscribe | these and `optOut` |
 * | missing | unsubscribe | these, `unsubscribe` and `optOut` |
 * | missing | reject | rows of the source that were set aside: whoever is missing may stand in one of them |
 * | subscribe | subscribe | these; a list that {@link isBeingFilled} has no limit |
 * | resubscribe | resubscribe | these |
 * | update | update | these: values that change or are cleared |
 * | fill | none | |
 * | return | return | these, of the subscribers that the database has |
 *
 * An `optOut` or `unsubscribe` whose row the provider refused before is sent again, but does not count: else rows that it
 * never accepts would use up the limit for good.
 */
export function findRefusals(plan: JudgedPlan, done: DoneInADay, limits: Limits): Refusal[] {
  const { subscribed } = plan.current;
  const planned = countedChanges(plan);
  const base = subscribedADayAgo(subscribed, done.spent);
  const judge = (limit: ChangeLimit, counted: readonly Group[], refused: Group): Refusal | undefined => {
    if (planned[refused] === 0) return undefined;
    const count = sum(planned, counted);
    const before = sum(done.spent, counted);
    if (!exceeds(count + before, limits[limit], base)) return undefined;
    const message = describeChanges(limit, { count, before, subscribed, base }, limits[limit]);
    return { limit, groups: [refused], message };
  };
  return merged([
    judge("unsubscribe", ["optOut"], "optOut"),
    judge("unsubscribe", ["optOut", "unsubscribe"], "unsubscribe"),
    judge("unsubscribe", ["optOut", "unsubscribe", "missing"], "missing"),
    judgeRejected(plan, planned, limits.reject),
    isBeingFilled(plan, done) ? undefined : judge("subscribe", ["subscribe"], "subscribe"),
    judge("resubscribe", ["resubscribe"], "resubscribe"),
    judge("update", ["update"], "update"),
    judgeReturns(plan, done.spent, limits.return),
  ]);
}

export function countedChanges(plan: JudgedPlan): GroupCounts {
  const { optOut, unsubscribe, ...others } = groupCounts(plan);
  const { refusedBefore } = plan;
  return {
    ...others,
    optOut: optOut - refusedBefore.optOut,
    unsubscribe: unsubscribe - refusedBefore.unsubscribe,
  };
}

/** Whether a list holds nobody at all, or a run that found it so was interrupted and the rest is still to be sent. */
export function isBeingFilled({ current }: Pick<PlanSummary, "current">, { isFilling }: DoneInADay): boolean {
  return isFilling || current.subscribed + current.unsubscribed === 0;
}

/** Whether the changes of a group have to wait for a person. */
export function waits(group: Group, refusals: readonly Refusal[]): boolean {
  return refusals.some(({ groups }) => groups.includes(group));
}

function judgeRejected({ desired }: JudgedPlan, planned: GroupCounts, limit: Limit): Refusal | undefined {
  const { subscribed, unsubscribed, undecided, duplicates, rejected } = desired;
  const rows = subscribed + unsubscribed + undecided + duplicates + rejected;
  if (planned.missing === 0 || !exceeds(rejected, limit, rows)) return undefined;
  const message =
    `it would unsubscribe ${planned.missing} addresses that the source does not have, but ${rejected} of the source's ` +
    `${rows} rows${shareOf(rejected, rows)} were set aside; ${allowance(limit, rows)}`;
  return { limit: "reject", groups: ["missing"], message };
}

function judgeReturns(plan: JudgedPlan, done: GroupCounts, limit: Limit): Refusal | undefined {
  const count = groupCounts(plan).return;
  const { subscribed } = plan.desired;
  if (count === 0 || !exceeds(count + done.return, limit, subscribed)) return undefined;
  const message =
    `it would return ${count} readers to the database, which has ${subscribed} subscribers` +
    `${shareOf(count, subscribed)}${beside(done.return)}; ${allowance(limit, subscribed)}`;
  return { limit: "return", groups: ["return"], message };
}

/** One refusal for each limit: of two that name one limit, the later counts more. */
function merged(found: readonly (Refusal | undefined)[]): Refusal[] {
  const refusals = new Map<LimitName, Refusal>();
  for (const refusal of found) {
    if (refusal === undefined) continue;
    const groups = [...(refusals.get(refusal.limit)?.groups ?? []), ...refusal.groups];
    refusals.set(refusal.limit, { ...refusal, groups });
  }
  return [...refusals.values()];
}

/** Else whoever left within the day would make the share of the others larger, and whoever joined the limits. */
export function subscribedADayAgo(subscribed: number, done: GroupCounts): number {
  const known = (groups: readonly Group[]) => {
    const count = sum(done, groups);
    return Number.isFinite(count) ? count : 0;
  };
  return Math.max(
    0,
    subscribed + known(["optOut", "unsubscribe", "missing"]) - known(["subscribe", "resubscribe"]),
  );
}

export function sum(counts: GroupCounts, counted: readonly Group[]): number {
  return counted.reduce((total, group) => total + counts[group], 0);
}

export function floorFor({ floor }: Limit, base: number): number {
  return Math.min(floor, Math.max(smallestFloor, Math.floor(base / 2)));
}

function exceeds(count: number, limit: Limit, base: number): boolean {
  return count > floorFor(limit, base) && count > limit.ratio * base;
}

const verbs: Readonly<Record<ChangeLimit, string>> = {
  unsubscribe: "unsubscribe",
  subscribe: "subscribe",
  resubscribe: "resubscribe",
  update: "change values of",
};

function describeChanges(
  name: ChangeLimit,
  { count, before, subscribed, base }: { count: number; before: number; subscribed: number; base: number },
  limit: Limit,
): string {
  return (
    `it would ${verbs[name]} ${count} of ${subscribed} subscribers` +
    `${shareOf(count, subscribed)}${beside(before)}; ${allowance(limit, base)}`
  );
}

/** What runs of the last 24 hours did. */
function beside(before: number): string {
  if (before === 0) return "";
  return `, beside ${Number.isFinite(before) ? before : "an unknown number"} within the last 24 hours`;
}

function shareOf(count: number, base: number): string {
  return base === 0 ? "" : ` (${((100 * count) / base).toFixed(1)} %)`;
}

function allowance(limit: Limit, base: number): string {
  const percent = Number((limit.ratio * 100).toFixed(2));
  return `the limit for a day is ${floorFor(limit, base)}, or ${percent} % if that is more`;
}
