import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { WriteReport } from "./answers.ts";

/** Ownpage's counters for one request, beside what the changes should have made them. */
export function countersOf(report: WriteReport, changes: readonly Change[]): BatchAnswer["counters"] {
  const of = (kind: Change["kind"]) => changes.filter((change) => change.kind === kind).length;
  const added = of("subscribe");
  const dataChanged = report.nb_data_changed;
  return {
    uniqueEmails: { predicted: changes.length, answered: report.unique_emails_count },
    duplicateEmails: { predicted: 0, answered: report.duplicate_emails_count },
    duplicateGuids: { predicted: 0, answered: report.duplicate_guid_count },
    created: { predicted: added, answered: report.nb_created },
    subscribed: { predicted: added + of("resubscribe"), answered: report.nb_subscribed },
    unsubscribed: { predicted: of("unsubscribe"), answered: report.nb_unsubscribed },
    dataChanged: { predicted: nearest(dataChanged, dataChangedBounds(changes)), answered: dataChanged },
    errors: { predicted: 0, answered: report.errors.length },
  };
}

/**
 * The documentation says "rows whose attributes changed", but not whether a new row's attributes count, nor
 * whether a guid is one: at least the rows that update a `data_*`, at most every row that carries a field.
 */
function dataChangedBounds(changes: readonly Change[]): { least: number; most: number } {
  let least = 0;
  let most = 0;
  for (const change of changes) {
    if (change.kind === "unsubscribe") continue;
    const names = Object.keys(change.fields);
    if (names.length > 0) most++;
    if (change.kind !== "subscribe" && names.some((name) => name !== "guid")) least++;
  }
  return { least, most };
}

function nearest(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(Math.max(value, least), most);
}
