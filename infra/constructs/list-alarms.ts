import { runbookHeadings } from "./runbook.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

/** Tells, once a day at most, that nobody has approved a plan of a list yet. Nothing is wrong then. */
export function notifyOfFirstPlan(job: ScheduledJob, list: string, metric: string): void {
  job.alarmOn(`FirstPlanWaits-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: a first plan waits`,
    meaning:
      `Nothing is wrong: nobody has approved a plan of ${list} yet, so its schedule changes nothing. The last report says ` +
      "what the plan would do and which event applies it, or what is still missing.",
    heading: runbookHeadings.firstPlanWaits,
    quietHours: 24,
  });
}

/**
 * Fires if some of a plan waits for a person.
 *
 * @param props.rest what became of the rest, as a sentence
 * @param props.text the key of what a person reads of the plan
 */
export function alarmOnRefusedPlan(
  job: ScheduledJob,
  list: string,
  { metric, rest, text }: { readonly metric: string; readonly rest: string; readonly text: string },
): void {
  job.alarmOn(`PlanRefused-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: a plan was refused`,
    meaning:
      `A run would have changed more of ${list} than its limits allow. ${rest} ${text} in the exchange bucket shows ` +
      "whom, and why.",
    heading: runbookHeadings.planRefused,
  });
}

/** Fires if the provider refused rows that it had not refused before. */
export function alarmOnRefusedRows(job: ScheduledJob, list: string, metric: string): void {
  job.alarmOn(`RowsRefused-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: the provider refused rows`,
    meaning:
      `The provider refused rows of ${list} that it had not refused before: whoever they are about may get no ` +
      "newsletter, or one more. All others are in step.",
    heading: runbookHeadings.rowsRefused,
  });
}

/** Fires if the provider counted something else than was sent, and no repeated sending explains it. */
export function alarmOnDiscrepancies(job: ScheduledJob, list: string, metric: string): void {
  job.alarmOn(`Discrepancies-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: counters do not add up`,
    meaning:
      `The provider accepted changes to ${list} and counted something else than was sent: some opt-outs may not have ` +
      "been recorded, and these readers still get the newsletter.",
    heading: runbookHeadings.discrepancies,
  });
}

/** Fires if the database was told something by three runs or more, and still says otherwise. */
export function alarmOnReturnsNotTaken(job: ScheduledJob, list: string, metric: string): void {
  job.alarmOn(`ReturnsNotTaken-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: the database does not take returns`,
    meaning:
      `Three runs or more told the database of ${list} what the same readers did at the provider, and it still says ` +
      "otherwise: whatever else reads it may mail readers who left.",
    heading: runbookHeadings.returnsNotTaken,
  });
}

/** Fires if a run of the list set rows aside. @param props.harm what that means, as the end of a sentence */
export function alarmOnQuarantine(
  job: ScheduledJob,
  list: string,
  { metric, harm }: { readonly metric: string; readonly harm: string },
): void {
  job.alarmOn(`RowsQuarantined-${list}`, {
    metric: job.metric(list, metric),
    title: `${job.name}, ${list}: rows in the quarantine`,
    meaning: `Some rows of ${list} were set aside: ${harm}`,
    heading: runbookHeadings.rowsQuarantined,
  });
}
