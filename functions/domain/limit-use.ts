import { type Limit, type LimitName, type Limits, limitNames } from "./limits.ts";
import type { Group, PlanSummary } from "./plan.ts";
import {
  countedChanges,
  type DoneInADay,
  floorFor,
  isBeingFilled,
  subscribedADayAgo,
  sum,
} from "./safety.ts";

/** How near a plan comes to a limit, with what runs did within the last 24 hours. */
export interface LimitUse {
  readonly limit: LimitName;
  readonly used: number;
  readonly allowed: number;
}

/** All that count against a limit on changes: the widest scope that `findRefusals` judges. */
const counted: Readonly<Record<Exclude<LimitName, "reject" | "return">, readonly Group[]>> = {
  unsubscribe: ["optOut", "unsubscribe", "missing"],
  subscribe: ["subscribe"],
  resubscribe: ["resubscribe"],
  update: ["update"],
};

/**
 * Of each limit, how much of it is used. Without those that do not apply, as that on new subscribers while an empty list is
 * filled, and without those of which nobody knows, as the record of the day was lost.
 */
export function limitUses(plan: PlanSummary, done: DoneInADay, limits: Limits): LimitUse[] {
  const { subscribed, unsubscribed, undecided, duplicates, rejected } = plan.desired;
  const planned = countedChanges(plan);
  const base = subscribedADayAgo(plan.current.subscribed, done.spent);
  const use = (limit: LimitName, used: number, of: number): LimitUse => ({
    limit,
    used,
    allowed: allowedBy(limits[limit], of),
  });
  const useOf = (limit: LimitName): LimitUse => {
    if (limit === "reject") {
      return use(limit, rejected, subscribed + unsubscribed + undecided + duplicates + rejected);
    }
    if (limit === "return") return use(limit, planned.return + done.spent.return, subscribed);
    return use(limit, sum(planned, counted[limit]) + sum(done.spent, counted[limit]), base);
  };
  return limitNames
    .filter((limit) => limit !== "subscribe" || !isBeingFilled(plan, done))
    .map(useOf)
    .filter(({ used }) => Number.isFinite(used));
}

function allowedBy(limit: Limit, base: number): number {
  return Math.max(floorFor(limit, base), Math.floor(limit.ratio * base));
}
