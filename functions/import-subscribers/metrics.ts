import { alarmedCounts } from "../platform/metric-names.ts";
import type { ImportReport } from "./report.ts";

/** An import in figures, by their names in the log and, if an alarm watches them, in CloudWatch. */
export const importMetrics = {
  importedRows: "ImportedRows",
  importedFiles: "ImportedFiles",
  changesLeft: "ChangesLeft",
  firstPlanWaits: alarmedCounts.firstPlanWaits,
  planRefused: "PlanRefused",
  /** New ones alone, once a plan of the list is approved: only then are they remembered. */
  rowsSetAside: alarmedCounts.rowsSetAside,
  rowsQuarantined: "RowsQuarantined",
  importSettled: "ImportSettled",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** What is known of a run, as metrics. A run that failed early has few of them. */
export function metricsOf(report: Partial<ImportReport>): Record<string, number> {
  const { newlyRejected, firstPlan, check, files, settled, remaining, requests } = report;
  const imported = files?.filter((file) => file.import !== undefined) ?? [];
  return {
    ...((check ?? firstPlan) && { [importMetrics.firstPlanWaits]: firstPlan === undefined ? 0 : 1 }),
    ...(files && {
      [importMetrics.importedFiles]: imported.length,
      [importMetrics.importedRows]: imported.reduce((sum, { rows }) => sum + rows, 0),
    }),
    ...(newlyRejected !== undefined &&
      firstPlan === undefined && {
        [importMetrics.rowsQuarantined]: newlyRejected,
        [importMetrics.rowsSetAside]: newlyRejected,
      }),
    ...(check && { [importMetrics.planRefused]: check.refused ? 1 : 0 }),
    ...(remaining && {
      [importMetrics.changesLeft]: Object.values(remaining).reduce((sum, count) => sum + count, 0),
    }),
    ...(settled !== undefined && { [importMetrics.importSettled]: settled ? 1 : 0 }),
    ...(requests && {
      [importMetrics.requestsSent]: requests.sent,
      [importMetrics.requestsRetried]: requests.retried,
    }),
  };
}
