import { counted } from "../platform/run-summary.ts";
import type { PlanReport } from "./plan-report.ts";

/** Opens the summary of a plan that is to be the first one that a person approves. */
export function firstPlanWaits({ resubscribe }: PlanReport["planned"]): string {
  const warning = `, with ${counted(resubscribe, "resubscription")} of readers who left`;
  return `a first plan waits for a person${resubscribe > 0 ? warning : ""}`;
}

/** The summary of a schedule's run that could not make it. */
export function noFirstPlan({ problem }: PlanReport["firstPlan"]): string {
  return problem === undefined ? "no first plan yet" : `no first plan yet: ${problem}`;
}
