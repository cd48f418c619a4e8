import type { Change } from "../domain/plan.ts";
import type { PlanReport } from "../planning/plan-report.ts";

/** A counter of the provider's that differed from what the plan predicted, summed over the batches in which it did. */
export interface DiscrepancySum {
  /** The provider's name for it. */
  readonly counter: string;
  predicted: number;
  answered: number;
  batches: number;
  /** How many of the batches were sent more than once, so that an attempt without an answer may explain it. */
  afterRetry: number;
}

/**
 * What became of the plan's changes, accepted ones by kind: `accepted` is the sum of the kinds, and `accepted`,
 * `quarantined`, `refusedAgain`, `stale`, `waiting` and `left` add up to all that was planned.
 */
export interface AppliedCounts extends Record<Change["kind"], number> {
  batches: number;
  accepted: number;
  /** Changes that the provider refused for the first time; they are in the quarantine with its reasons. */
  quarantined: number;
  /** Changes that it had refused in an earlier run, unchanged since, and refused again. */
  refusedAgain: number;
  /**
   * Changes whose address was no longer what the plan saw: of an approved plan, resubscriptions or new addresses. A
   * resubscription may have been applied by an attempt that got no answer; then there are discrepancies.
   */
  stale: number;
  /** Changes that exceed a limit, or that were not approved, and so wait for a person. */
  waiting: number;
  /** Changes that were not reached. */
  left: number;
}

/** What a run found, planned and did: numbers and names, never an address. */
export interface SyncReport extends PlanReport {
  mode: "apply" | "plan";
  applied: AppliedCounts;
  discrepancies: readonly DiscrepancySum[];
}
