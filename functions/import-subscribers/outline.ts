import { planOutline } from "../planning/plan-outline.ts";
import type { RunOutline } from "../platform/run-event.ts";
import type { ImportReport } from "./report.ts";

/** What the event of a run tells of it: the documentation explains each count. */
export function outlineOf(report: Partial<ImportReport>): RunOutline {
  const { files = [], remaining, newlyRejected = 0 } = report;
  const rowsOf = (isAnnounced: boolean) =>
    files.reduce((sum, file) => sum + ((file.announced ?? false) === isAnnounced ? file.rows : 0), 0);
  return planOutline(report, {
    announced: rowsOf(true),
    waiting: rowsOf(false),
    remaining: Object.values(remaining ?? {}).reduce((sum, count) => sum + count, 0),
    newlyRejected,
  });
}
