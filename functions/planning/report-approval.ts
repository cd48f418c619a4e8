import type { BackfillEvent } from "../platform/backfill.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { ListJob } from "./list-job.ts";
import type { PlanReport } from "./plan-report.ts";
import { requireName } from "./who-approves.ts";

/**
 * Reports what a person approves, and who it is, if the event says so.
 *
 * @throws InvalidEventError when it does not, and the list requires it
 */
export function reportApproval(
  { backfill: _, ...event }: ApplyEvent & BackfillEvent,
  { list, run }: Pick<ListJob<PlanReport>, "list" | "run">,
): void {
  requireName(list, event);
  const { list: __, ...approval } = event;
  run.report.approval = approval;
}
