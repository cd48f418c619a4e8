/** The headings of docs/runbook.md that alarms link to. */
export const runbookHeadings = {
  runFailed: "A run failed",
  firstPlanWaits: "A first plan waits",
  runMissing: "A run did not happen",
  unwatched: "Nobody watches the runs",
  rowsQuarantined: "Rows in the quarantine",
  discrepancies: "Counters that do not add up",
  returnsNotTaken: "The database does not take returns",
  quotaNearlyUsed: "The day's requests are nearly used up",
  deadLetters: "Dead letters",
  filesMissing: "An archive day is missing",
  backfillStopped: "A backfill stopped",
  pushesWait: "Pushes wait",
  deadPushes: "Pushes in the dead letters",
} as const;

export type RunbookHeading = (typeof runbookHeadings)[keyof typeof runbookHeadings];

/** @param runbook the path or URL of the file */
export function linkTo(heading: RunbookHeading, runbook = "docs/runbook.md"): string {
  return `${runbook}#${heading.toLowerCase().replaceAll("'", "").replaceAll(" ", "-")}`;
}
