import type { Configuration } from "../config.ts";
import { runbookHeadings } from "./runbook.ts";
import type { ScheduledJob, ScheduledRun } from "./scheduled-job.ts";

/** One run for each list that has a schedule for this job. */
export function scheduledRuns(
  { lists }: Configuration,
  job: "sync" | "import",
  eventFor: (list: string) => object,
): ScheduledRun[] {
  return Object.entries(lists).flatMap(([list, { [job]: settings }]) =>
    settings?.schedule === undefined
      ? []
      : [{ subject: list, schedule: settings.schedule, event: eventFor(list) }],
  );
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
