import type { ImportReport } from "./report.ts";

/** What the import measures beside the metrics of every function. Each has the list as its dimension. */
export const importMetrics = {
  importedRows: "ImportedRows",
  importedFiles: "ImportedFiles",
  changesLeft: "ChangesLeft",
  /** 1 if nobody has approved a plan of the list yet. */
  firstPlanWaits: "FirstPlanWaits",
  planRefused: "PlanRefused",
  /** New ones alone, once a plan of the list is approved: only then are they remembered. */
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
      firstPlan === undefined && { [importMetrics.rowsQuarantined]: newlyRejected }),
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
