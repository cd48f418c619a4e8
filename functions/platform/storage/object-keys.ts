/**
 * The exchange bucket's layout. The functions build their keys from these prefixes; the infrastructure grants access and
 * sets lifetimes by them.
 */
export const exchangePrefixes = {
  plans: "plans/",
  quarantine: "quarantine/",
  locks: "locks/",
  reports: "reports/",
  imports: "imports/",
  memory: "memory/",
  mirror: "mirror/",
  approvals: "approvals/",
  returned: "returned/",
  successes: "successes/",
  history: "history/",
} as const;

/** The archive bucket's layout. */
export const archivePrefixes = {
  /** The event files, exactly as the provider sent them. */
  events: "events/",
  /** The same rows in a form that Athena can read. */
  tables: "tables/",
  /** Files that were not accepted into the archive. */
  refused: "refused/",
  /** What is noted about each file, such as when it was last fetched. */
  labels: "labels/",
  /** Where Athena writes the results of queries. */
  results: "athena-results/",
} as const;

export function planSummaryKey(list: string, planId: string): string {
  return `${exchangePrefixes.plans}${list}/${planId}/summary.json`;
}

/** What a person reads of a plan. */
export function planTextKey(list: string, planId: string): string {
  return `${exchangePrefixes.plans}${list}/${planId}/plan.md`;
}

/** @param chunk counted within its group of changes, from 0 */
export function planChunkKey(
  list: string,
  planId: string,
  { group, number }: { readonly group: string; readonly number: number },
): string {
  return `${exchangePrefixes.plans}${list}/${planId}/changes-${group}-${padded(number)}.ndjson.gz`;
}

export function quarantineKey(list: string, runId: string, chunk: number): string {
  return `${exchangePrefixes.quarantine}${list}/${runId}/rows-${padded(chunk)}.ndjson.gz`;
}

export function lockKey(list: string): string {
  return `${exchangePrefixes.locks}${list}.json`;
}

/** @param account its name among all accounts, as a key can have it */
export function accountLockKey(account: string): string {
  return `${exchangePrefixes.locks}account-${account}.json`;
}

export function memoryKey(
  list: string,
  file: "budget.json" | "acts.bin" | "refusals.bin" | "rejections.bin" | "returns.bin" | "pushes.bin",
): string {
  return `${exchangePrefixes.memory}${list}/${file}`;
}

/** What the mirror of an account consists of. */
export function mirrorStateKey(account: string): string {
  return `${exchangePrefixes.mirror}${account}/state.json`;
}

/** Whom the provider has asked to subscribe again. */
export function mirrorAskedKey(account: string): string {
  return `${exchangePrefixes.mirror}${account}/asked.json`;
}

/** @param chunk counted within its part of the rows, both from 0 */
export function mirrorChunkKey(
  account: string,
  rows: string,
  { part, number }: { readonly part: number; readonly number: number },
): string {
  return `${exchangePrefixes.mirror}${account}/${rows}/${padded(part)}-${padded(number)}.ndjson.gz`;
}

/** When opt-ins were sent, of all lists: a provider counts them by the address that they come from. */
export const optInPaceKey = `${exchangePrefixes.memory}opt-ins.json`;

export function approvalKey(list: string): string {
  return `${exchangePrefixes.approvals}${list}.json`;
}

/** @param subject the name of a list, or of whatever else the function works on */
export function reportKey(functionName: string, subject: string, runId: string): string {
  return `${exchangePrefixes.reports}${functionName}/${subject}/${runId}.json`;
}

/** @param subject the name of a list, or of whatever else the function works on */
export function lastSuccessKey(functionName: string, subject: string): string {
  return `${exchangePrefixes.successes}${functionName}/${subject}.json`;
}

export function importSummaryKey(list: string, runId: string): string {
  return `${exchangePrefixes.imports}${list}/${runId}/summary.json`;
}

/** What a person reads of an import's plan. */
export function importTextKey(list: string, runId: string): string {
  return `${exchangePrefixes.imports}${list}/${runId}/plan.md`;
}

/** @param file counted within its group of changes, from 0 */
export function importKey(
  list: string,
  runId: string,
  { group, number }: { readonly group: string; readonly number: number },
): string {
  return `${exchangePrefixes.imports}${list}/${runId}/${list}-${group}-${padded(number)}.csv`;
}

export function returnedKey(list: string, runId: string): string {
  return `${exchangePrefixes.returned}${list}/${runId}.csv`;
}

/**
 * What runs of a day did to readers.
 *
 * @param day YYYY-MM-DD, in UTC
 * @param part of a run that has an object of its own
 */
export function historyKey(list: string, day: string, part?: string): string {
  return `${exchangePrefixes.history}${list}/${day}${part === undefined ? "" : `-${part}`}.bin`;
}

/** @param date YYYY-MM-DD */
export function eventsKey(event: string, date: string): string {
  return `${archivePrefixes.events}${event}/date=${date}/${event}-${date}.csv.gz`;
}

export function tableKey(event: string, date: string): string {
  return `${archivePrefixes.tables}${event}/date=${date}/${event}-${date}.csv.gz`;
}

/** @param sha256 of the refused file: the same file is kept once, however often it comes */
export function refusedKey(event: string, date: string, sha256: string): string {
  return `${archivePrefixes.refused}${event}/date=${date}/${event}-${date}-${sha256.slice(0, 16)}.csv.gz`;
}

/** @param key of the file that the labels belong to */
export function labelsKey(key: string): string {
  return `${archivePrefixes.labels}${key}.json`;
}

function padded(number: number): string {
  return String(number).padStart(5, "0");
}
