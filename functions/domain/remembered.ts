import type { Change } from "./plan.ts";

/** What a run of ours did to an address, and when: in ms since the epoch, rounded down to the minute. */
export interface Act {
  readonly kind: "subscribed" | "unsubscribed";
  readonly at: number;
}

/**
 * What the planner may know about earlier runs of the list. When the memory is lost or damaged, there are no acts and
 * no refusals: that is the strictest reading.
 */
export interface Remembered {
  /** The last thing that a run did to the address; undefined if none did anything, or too long ago to matter. */
  lastActOn(canonical: string): Act | undefined;
  /**
   * In ms since the epoch: of what was done before, some may be forgotten, as the memory was damaged, or cannot be read.
   *
   * @default nothing is
   */
  readonly actsKnownSince?: number;
  /** Whether the provider refused the same row within the last week, in whatever kind of change. Left out if it refused none. */
  wasRefused?(change: Change): boolean;
}
