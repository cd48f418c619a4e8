import { InvalidEventError } from "../domain/errors.ts";
import type { BackfillEvent } from "../platform/backfill.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { ListJob } from "./list-job.ts";
import type { PlanReport } from "./plan-report.ts";

/**
 * Reports what a person approves, and who it is, if the event says so.
 *
 * @throws InvalidEventError when it does not, and the list requires it
 */
export function reportApproval(
  { list, backfill: _, ...approval }: ApplyEvent & BackfillEvent,
  job: Pick<ListJob<PlanReport>, "list" | "run">,
): void {
  if (job.list.configuration.requireApprovedBy && approval.approvedBy === undefined) {
    const problem = `approvedBy: missing, as the list "${list}" requires the name of who approves`;
    throw new InvalidEventError(problem, { list, ...approval, approvedBy: "NAME" });
  }
  job.run.report.approval = approval;
}
