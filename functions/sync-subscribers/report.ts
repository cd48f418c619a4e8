import type { PlanCounts } from "../domain/plan.ts";
import type { Counter } from "../domain/reconcile.ts";
import type { ListReport } from "../platform/work-on-list.ts";

/** A counter that the provider answered otherwise than the plan predicted, over all batches. */
export interface DiscrepancySum {
  readonly counter: Counter;
  predicted: number;
  answered: number;
  batches: number;
  /** In how many of the batches an earlier, unanswered sending may have made the difference. */
  afterRetry: number;
}

/** What a run found, planned and did: numbers and names, never an address. */
export interface SyncReport extends PlanCounts, ListReport {
  mode: "apply" | "plan";
  planId: string;
  /** Whether the plan may be applied unseen, and if not, why. */
  check: {
    safe: boolean;
    refusals: readonly string[];
    /** Whether it was to be applied, unseen, and was not. */
    refused: boolean;
  };
  applied: {
    batches: number;
    /** Changes that the provider took, by the requests it accepted. */
    accepted: number;
    created: number;
    subscribed: number;
    unsubscribed: number;
    dataChanged: number;
    /** Changes that the provider refused; they stand with its reasons in the quarantine. */
    quarantined: number;
    /**
     * Changes whose address was no longer what the plan saw: of an approved plan, and resubscriptions of any. A
     * resubscription may have been changed by a sending that was not answered: then there are discrepancies.
     */
    stale: number;
    /** Changes of the plan that were not come to. */
    left: number;
  };
  discrepancies: readonly DiscrepancySum[];
  /** What a person should know and no number tells. */
  notes: readonly string[];
}
