import type { ImportReport } from "./report.ts";

/** The metrics that the import adds to those of every function; each has the list as its dimension. */
export const importMetrics = {
  importedRows: "ImportedRows",
  importedFiles: "ImportedFiles",
  rowsQuarantined: "RowsQuarantined",
  importSettled: "ImportSettled",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** A run's metrics as far as its report goes: a run that failed early has few. */
export function metricsOf({ rows, files, settled, requests }: Partial<ImportReport>): Record<string, number> {
  const announced = files?.filter((file) => file.import !== undefined) ?? [];
  return {
    ...(files && {
      [importMetrics.importedFiles]: announced.length,
      [importMetrics.importedRows]: announced.reduce((sum, file) => sum + file.rows, 0),
    }),
    // Without the duplicates, since one of their rows was imported.
    ...(rows && { [importMetrics.rowsQuarantined]: rows.rejected }),
    ...(settled !== undefined && { [importMetrics.importSettled]: settled ? 1 : 0 }),
    ...(requests && {
      [importMetrics.requestsSent]: requests.sent,
      [importMetrics.requestsRetried]: requests.retried,
    }),
  };
}
