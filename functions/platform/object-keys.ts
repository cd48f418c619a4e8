/**
 * Where what is stored in the exchange bucket stands: shared by the functions, which write it, and by the
 * infrastructure, which grants access and sets lifetimes by these prefixes.
 */
export const keyPrefixes = {
  plans: "plans/",
  quarantine: "quarantine/",
  locks: "locks/",
  reports: "reports/",
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

function numbered(chunk: number): string {
  return String(chunk).padStart(5, "0");
}
