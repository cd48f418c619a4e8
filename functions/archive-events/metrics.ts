import { alarmedCounts } from "../platform/metric-names.ts";
import type { ArchiveReport, FileReport } from "./report.ts";

/** What the archive's metrics and reports are filed under, in place of a list's name. */
export const archiveSubject = "events";

/** A run of the archive in figures, by their names in the log and, if an alarm watches them, in CloudWatch. */
export const archiveMetrics = {
  /** Stored or replaced. */
  filesStored: "ArchiveFilesStored",
  filesFailed: "ArchiveFilesFailed",
  /** Requested, and not in the archive in any version. */
  filesMissing: "ArchiveFilesMissing",
  filesLost: alarmedCounts.filesLost,
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** The metric for the rows of an event's files that a run stored or replaced. */
export function archivedRows(event: string): string {
  return `ArchivedRows-${event}`;
}

/** A run's metrics as far as its report goes: a run that failed early has few. */
export function metricsOf(report: Partial<ArchiveReport>): Record<string, number> {
  const { files, missing, lost, requests } = report;
  return {
    ...(files && {
      [archiveMetrics.filesStored]: files.filter(isWritten).length,
      [archiveMetrics.filesFailed]: files.filter(({ outcome }) => outcome === "failed").length,
      ...rowsByEvent(files.filter(isWritten)),
    }),
    ...(missing !== undefined && { [archiveMetrics.filesMissing]: missing }),
    ...(lost !== undefined && { [archiveMetrics.filesLost]: lost }),
    ...(requests && {
      [archiveMetrics.requestsSent]: requests.sent,
      [archiveMetrics.requestsRetried]: requests.retried,
    }),
  };
}

function isWritten({ outcome }: FileReport): boolean {
  return outcome === "stored" || outcome === "replaced";
}

function rowsByEvent(files: readonly FileReport[]): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const { event, rows: added = 0 } of files) {
    const name = archivedRows(event);
    rows[name] = (rows[name] ?? 0) + added;
  }
  return rows;
}
