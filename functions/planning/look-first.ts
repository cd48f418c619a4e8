import { NewsletterSyncError } from "../domain/errors.ts";
import { isScheduled } from "../platform/scheduled-event.ts";
import type { ListJob } from "./list-job.ts";
import type { PlanReport } from "./plan-report.ts";

type LookingJob = Pick<ListJob<PlanReport>, "firstApproval" | "run">;

/**
 * Does the work that an event asks for. But a schedule's run only looks as long as no person has approved a plan of the
 * list: it makes the plan, and then waits. It does not fail either, as whoever has just deployed is still setting things
 * up: why it could not plan stands in the report.
 *
 * @param events.look the event that makes the plan and changes nothing
 */
export async function lookFirst<Event extends object>(
  { firstApproval, run }: LookingJob,
  { event, look }: { readonly event: Event; readonly look: Event },
  work: (event: Event) => Promise<void>,
): Promise<void> {
  if (!isScheduled(event) || (await firstApproval.isGiven())) return work(event);
  run.report.firstPlan = {};
  try {
    await work(look);
  } catch (error) {
    if (!(error instanceof NewsletterSyncError)) throw error;
    run.report.firstPlan = { problem: `${error.name}, ${error.message}` };
  }
}

/** To be called before anything of a plan is sent: whoever has it sent by hand lets the list's schedules begin. */
export async function letSchedulesBegin({ firstApproval, run }: LookingJob): Promise<void> {
  if (await firstApproval.give(run.id, run.now())) run.report.isFirstApproval = true;
}
