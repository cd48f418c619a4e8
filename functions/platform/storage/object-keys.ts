/**
 * Where what is stored in the exchange bucket stands: these and the keys below are shared by the functions, which
 * write them, and by the infrastructure, which grants access and sets lifetimes by the prefixes.
 */
export const keyPrefixes = {
  plans: "plans/",
  quarantine: "quarantine/",
  locks: "locks/",
  reports: "reports/",
  imports: "imports/",
} as const;

/** Where what is stored in the archive bucket stands. */
export const archivePrefixes = {
  /** The events' files, exactly as the provider sent them. */
  events: "events/",
  /** The same rows as Athena reads them. */
  tables: "tables/",
  /** Files that did not become part of the archive. */
  refused: "refused/",
  /** What is noted of a file, such as when it was last fetched. */
  labels: "labels/",
} as const;

export function planSummaryKey(list: string, planId: string): string {
  return `${keyPrefixes.plans}${list}/${planId}/summary.json`;
}

export function planChunkKey(list: string, planId: string, chunk: number): string {
  return `${keyPrefixes.plans}${list}/${planId}/changes-${numbered(chunk)}.ndjson.gz`;
}

export function quarantineKey(list: string, runId: string, chunk: number): string {
  return `${keyPrefixes.quarantine}${list}/${runId}/rows-${numbered(chunk)}.ndjson.gz`;
}

export function lockKey(list: string): string {
  return `${keyPrefixes.locks}${list}.json`;
}

/** @param subject a list's name, or what else the function works on */
export function reportKey(functionName: string, subject: string, runId: string): string {
  return `${keyPrefixes.reports}${functionName}/${subject}/${runId}.json`;
}

/** @param file counted from 0 */
export function importKey(list: string, runId: string, file: number): string {
  return `${keyPrefixes.imports}${list}/${runId}/${list}-${numbered(file)}.csv`;
}

/** @param date YYYY-MM-DD */
export function eventsKey(event: string, date: string): string {
  return `${archivePrefixes.events}${event}/date=${date}/${event}-${date}.csv.gz`;
}

export function tableKey(event: string, date: string): string {
  return `${archivePrefixes.tables}${event}/date=${date}/${event}-${date}.csv.gz`;
}

/** @param sha256 of the file that was refused: a file that comes again stands there once */
export function refusedKey(event: string, date: string, sha256: string): string {
  return `${archivePrefixes.refused}${event}/date=${date}/${event}-${date}-${sha256.slice(0, 16)}.csv.gz`;
}

/** @param key the file's own */
export function labelsKey(key: string): string {
  return `${archivePrefixes.labels}${key}.json`;
}

function numbered(chunk: number): string {
  return String(chunk).padStart(5, "0");
}
