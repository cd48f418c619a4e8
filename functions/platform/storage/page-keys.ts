import { exchangePrefixes } from "./object-keys.ts";

/** A report's name without its bucket: what `reportKey` makes it of. */
export interface ReportName {
  readonly functionName: string;
  readonly subject: string;
  readonly runId: string;
}

/** The functions whose runs have pages. Pushes are too many, and the others tell nothing of a list. */
export const pagedFunctions = ["sync-subscribers", "import-subscribers", "archive-events"] as const;

/** Any other digits would be no time at which a run began. */
const dated = "\\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])";
const timed = "(?:[01]\\d|2[0-3])(?:[0-5]\\d){2}";

const paged = new RegExp(
  `^${exchangePrefixes.reports}(${pagedFunctions.join("|")})/([a-z0-9-]{1,40})/(${dated}T${timed}Z-[\\w-]{1,40})\\.json$`,
);

/** @returns undefined if the key is none of a report that has a page */
export function reportNameIn(key: string): ReportName | undefined {
  const [, functionName, subject, runId] = paged.exec(key) ?? [];
  if (functionName === undefined || subject === undefined || runId === undefined) return undefined;
  return { functionName, subject, runId };
}

/** The page of a run, beside its report. */
export function runPageKey({ functionName, subject, runId }: ReportName): string {
  return `${exchangePrefixes.reports}${functionName}/${subject}/${runId}.html`;
}

/** The page of all lists and their last runs. */
export const indexPageKey = `${exchangePrefixes.reports}index.html`;

/** What that page is drawn from, so that it need not read every report. */
export const indexKey = `${exchangePrefixes.reports}index.json`;

/** The text of a plan as a page, with the look of the runs' pages. */
export function planPageKey(list: string, planId: string): string {
  return `${exchangePrefixes.plans}${list}/${planId}/plan.html`;
}
