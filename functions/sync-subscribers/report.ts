import type { Change } from "../domain/plan.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { SyncMode } from "./event.ts";

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

/**
 * What became of the plan's returns: `taken`, `stale`, `waiting` and `left` add up to all that was planned. All are zero
 * if the list does not say where returns go.
 */
export interface ReturnedCounts {
  /** Given to the database, which has committed them. */
  taken: number;
  /** How many rows each of the list's statements changed; of a plan that is only looked at, how many it would change. */
  statements: readonly number[];
  /** Of an approved plan: the two sides do not ask for them any more. */
  stale: number;
  /** They exceed the limit, or were not approved, and so wait for a person. */
  waiting: number;
  /** Not given: the run did not get to it, or failed. */
  left: number;
  /** Those that the database was given by earlier runs, too, and of these, those that it was given three times or more. */
  repeated: number;
  notTaken: number;
}

/** What a run found, planned and did: numbers and names, never an address. */
export interface SyncReport extends PlanReport {
  mode: SyncMode;
  applied: AppliedCounts;
  returned: ReturnedCounts;
  discrepancies: readonly DiscrepancySum[];
}
