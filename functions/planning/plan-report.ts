import type { LimitUse } from "../domain/limit-use.ts";
import type { PlanCounts, PlanSummary } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import type { Run } from "../platform/run.ts";
import type { ListReport } from "../platform/work-on-list.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { Waiting } from "./do-the-rest.ts";

/** What every run that plans says of its plan: numbers and names, never an address. */
export interface PlanReport extends PlanCounts, ListReport {
  planId: string;
  /** The key of what a person reads of the plan. */
  planText: string;
  /**
   * Present if the run was a schedule's and only looked, as no person has approved a plan of the list yet. If it could not
   * plan, `problem` is the error.
   */
  firstPlan: { readonly problem?: string };
  /** Present if a person started the run, and it is the first of the list that may send something. */
  isFirstApproval: true;
  /** Present if the run was a backfill's and ran out of time: the event to send for the rest. */
  next: object;
  /** What was approved, of a run that a person started to apply a stored plan. */
  approval: Omit<ApplyEvent, "list">;
  /** Rows of the provider's list that are nobody's as they stand. */
  oddRows: number;
  /** Of the rows that the source has and that were set aside, those that no earlier run of the list had set aside. */
  newlyRejected: number;
  /** The time of the database's state that was planned for, in ISO 8601. */
  sourceReadAt: string;
  /** Whether the whole plan may be applied without approval, and if not, why. */
  check: {
    safe: boolean;
    refusals: readonly Refusal[];
    /** How near the plan comes to each limit, with what runs did within the last 24 hours. */
    limits: readonly LimitUse[];
    /** Whether some of it was to be applied without approval, and was not. */
    refused: boolean;
    /** Applies what was not applied; it names the limits that are exceeded. */
    event: ApplyEvent;
  };
}

/** How a plan was judged, the key of its text, and what was set aside while it was made. */
interface Judged extends Waiting {
  readonly limits: readonly LimitUse[];
  readonly text: string;
  /** Rows that no run has set aside before. */
  readonly newlyRejected: number;
}

export function reportPlan(
  plan: PlanSummary,
  { refusals, event, limits, text, newlyRejected }: Judged,
  { report }: Run<PlanReport>,
): void {
  report.planId = plan.planId;
  report.planText = text;
  report.sourceReadAt = plan.sourceReadAt;
  report.check = { safe: refusals.length === 0, refusals, limits, refused: false, event };
  report.current = plan.current;
  report.desired = plan.desired;
  report.newlyRejected = newlyRejected;
  report.planned = plan.planned;
  report.kept = plan.kept;
  report.notLifted = plan.notLifted;
  report.notCleared = plan.notCleared;
  report.refusedBefore = plan.refusedBefore;
}
