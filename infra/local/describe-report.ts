import { wrap } from "../../functions/planning/plain-text.ts";
import { countsInWords } from "../../functions/platform/run-summary.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";

/** The numbers of a report in aligned lines, for a terminal of so many columns. */
export function describeReport(report: SyncReport, width: number): string {
  const { current, desired, planned, kept, applied, returned, notes = [], ms } = report;
  const { returns, ...changes } = planned;
  const lines: [string, string][] = [
    ["provider", countsInWords({ ...current })],
    ["database", countsInWords({ ...desired })],
    ["planned", countsInWords(changes)],
    ["returns", countsInWords(returns)],
    ["kept", countsInWords(kept)],
    ["applied", countsInWords({ ...applied })],
    ["returned", describeReturned(returned)],
    ...notes.map((note): [string, string] => ["note", note]),
    ["took", `${ms} ms`],
  ];
  return lines
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `  ${name.padEnd(9)} ${wrap(text, { width, indent: 12 })}`)
    .join("\n");
}

function describeReturned({ statements, ...counts }: SyncReport["returned"]): string {
  const words = countsInWords(counts);
  return words === "" ? "" : `${words}; rows by statement: ${statements.join(", ")}`;
}
