/** The headings of docs/runbook.md that alarms link to. */
export const runbookHeadings = {
  runFailed: "A run failed",
  firstPlanWaits: "A first plan waits",
  planRefused: "A plan was refused",
  runMissing: "A run did not happen",
  rowsQuarantined: "Rows in the quarantine",
  rowsRefused: "Rows that the provider refused",
  discrepancies: "Counters that do not add up",
  returnsNotTaken: "The database does not take returns",
  quotaNearlyUsed: "The day's requests are nearly used up",
  deadLetters: "Dead letters",
  filesFailed: "A day was not archived",
  filesMissing: "An archive day is missing",
  backfillStopped: "A backfill stopped",
} as const;

export type RunbookHeading = (typeof runbookHeadings)[keyof typeof runbookHeadings];

/** @param runbook the path or URL of the file */
export function linkTo(heading: RunbookHeading, runbook = "docs/runbook.md"): string {
  return `${runbook}#${heading.toLowerCase().replaceAll("'", "").replaceAll(" ", "-")}`;
}
