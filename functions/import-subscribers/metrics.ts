import type { ImportReport } from "./report.ts";

/** The names of what the import measures beside every function's own; each has the list as its dimension. */
export const importMetrics = {
  importedRows: "ImportedRows",
  importedFiles: "ImportedFiles",
  rowsQuarantined: "RowsQuarantined",
  importSettled: "ImportSettled",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** What is known of a run, as metrics; a run that failed early has few of them. */
export function metricsOf({ rows, files, settled, requests }: Partial<ImportReport>): Record<string, number> {
  const announced = files?.filter((file) => file.import !== undefined) ?? [];
  return {
    ...(files && {
      [importMetrics.importedFiles]: announced.length,
      [importMetrics.importedRows]: announced.reduce((sum, file) => sum + file.rows, 0),
    }),
    // Not the duplicates: one of their rows was imported.
    ...(rows && { [importMetrics.rowsQuarantined]: rows.rejected }),
    ...(settled !== undefined && { [importMetrics.importSettled]: settled ? 1 : 0 }),
    ...(requests && {
      [importMetrics.requestsSent]: requests.sent,
      [importMetrics.requestsRetried]: requests.retried,
    }),
  };
}
