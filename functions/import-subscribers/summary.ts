import { counted, type Failure, inDigits, listed, whoActsNext } from "../platform/run-summary.ts";
import type { ImportReport } from "./report.ts";

/** What a run wrote, what the provider was told of it, and what waits for whom, in one line for a person. */
export function summaryOf(
  { dryRun, rows, files, after, settled }: Partial<ImportReport>,
  failure?: Failure,
): string {
  if (rows === undefined || files === undefined) {
    return listed(["nothing was written", failure && whoActsNext(failure)]);
  }
  const announced = files.filter((file) => file.announced).length;
  return listed([
    `wrote ${counted(rows.active + rows.unsubscribed, "row")} into ${counted(files.length, "file")}`,
    announced === 0 ? "the provider was told nothing" : `the provider was told of ${inDigits(announced)}`,
    rows.rejected > 0 && `${inDigits(rows.rejected)} set aside`,
    after &&
      !dryRun &&
      `the provider counts ${inDigits(after.subscribed)} subscribed${settled ? "" : ", still counting"}`,
    failure && whoActsNext(failure),
  ]);
}
