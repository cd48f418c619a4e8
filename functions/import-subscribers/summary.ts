import { firstPlanWaits, noFirstPlan } from "../planning/first-plan-summary.ts";
import {
  counted,
  countsInWords,
  type Failure,
  inDigits,
  listed,
  whoActsNext,
} from "../platform/run-summary.ts";
import type { ImportReport } from "./report.ts";

/** What a run wrote, what the provider was told of it, and what waits for whom, in one line for a person. */
export function summaryOf(report: Partial<ImportReport>, failure?: Failure): string {
  const { desired, planned, files, check, after, settled, firstPlan } = report;
  if (files === undefined || (firstPlan && !check)) {
    return listed([
      firstPlan ? noFirstPlan(firstPlan) : "nothing was written",
      failure && whoActsNext(failure),
    ]);
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const announced = files.filter((file) => file.announced).length;
  const rejected = desired?.rejected ?? 0;
  const waits = check !== undefined && check.refusals.length > 0;
  return listed([
    firstPlan && planned && firstPlanWaits(planned),
    rows === 0 ? "nothing to import" : `wrote ${counted(rows, "row")} into ${counted(files.length, "file")}`,
    rows > 0 &&
      (announced === 0 ? "the provider was told nothing" : `the provider was told of ${inDigits(announced)}`),
    rejected > 0 && `${inDigits(rejected)} set aside`,
    after &&
      `the provider counts ${inDigits(after.subscribed)} subscribed${settled ? "" : ", still counting"}`,
    report.remaining && remainder(report.remaining),
    report.next && "out of time: the next run goes on",
    waits && `some of it waits for approval: ${JSON.stringify(check.event)}`,
    firstPlan && check && !waits && `${JSON.stringify(check.event)} imports it and lets the schedule begin`,
    firstPlan?.problem,
    failure && !(waits && failure.actor === "approver") && whoActsNext(failure),
  ]);
}

function remainder(remaining: ImportReport["remaining"]): string | undefined {
  const counts = countsInWords(remaining);
  return counts === "" ? undefined : `left undone: ${counts}`;
}
