import type { Change } from "./plan.ts";

/** What a run did to an address, and when: in ms since the epoch, to the minute. */
export interface Act {
  readonly kind: "subscribed" | "unsubscribed";
  readonly at: number;
}

/**
 * What a plan may know of the runs before it. Whatever is not known is answered in the strictest way: no act, no
 * refusal.
 */
export interface Remembered {
  /** What a run did last to the address; undefined of one that no run touched, or too long ago to matter. */
  lastActOn(canonical: string): Act | undefined;
  /** Whether the provider refused this very row within the last week; what kind of change it was does not matter. */
  wasRefused(change: Change): boolean;
}

/** The groups in which changes are counted and limited. */
export const changeGroups = ["unsubscribe", "missing", "subscribe", "resubscribe", "update", "fill"] as const;
type ChangeGroup = (typeof changeGroups)[number];

/** How many changes of each group; `Infinity` where that is not known and must count as too many. */
export type GroupCounts = Readonly<Record<ChangeGroup, number>>;
