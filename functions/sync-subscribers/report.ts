import type { Change, PlanCounts } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import type { ListReport } from "../platform/work-on-list.ts";
import type { ApplyEvent } from "./event.ts";

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
  /** Changes that pass a limit, or that were not approved, and so wait for a person. */
  waiting: number;
  /** Changes that were not reached. */
  left: number;
}

/** What a run found, planned and did: numbers and names, never an address. */
export interface SyncReport extends PlanCounts, ListReport {
  mode: "apply" | "plan";
  planId: string;
  /** What was approved, of a run that a person started to apply a stored plan. */
  approval: Omit<ApplyEvent, "list">;
  /** The time of the database's state that was planned for, in ISO 8601. */
  sourceReadAt: string;
  /** Whether the whole plan may be applied without approval, and if not, why. */
  check: {
    safe: boolean;
    refusals: readonly Refusal[];
    /** Whether some of it was to be applied without approval, and was not. */
    refused: boolean;
    /** Applies what was not applied; it names the limits that are passed. */
    event: ApplyEvent;
  };
  /** Rows of the provider's list that are nobody's as they stand. */
  oddRows: number;
  applied: AppliedCounts;
  discrepancies: readonly DiscrepancySum[];
}
