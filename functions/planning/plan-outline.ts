import type { RunOutline } from "../platform/run-event.ts";
import type { PlanReport } from "./plan-report.ts";

/** What the event of every run that plans tells of it, beside the counts of its job. */
export function planOutline(
  { planText, firstPlan }: Partial<PlanReport>,
  counts: RunOutline["counts"],
): RunOutline {
  return {
    counts,
    firstPlanWaits: firstPlan !== undefined,
    ...(planText !== undefined && { plan: planText }),
  };
}
