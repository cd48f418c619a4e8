import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { WriteReport } from "./answers.ts";

/** What one request should have done. */
interface Prediction {
  readonly applied: readonly Change[];
  /** New addresses among them that the list had after all, subscribed. @default none */
  readonly held?: ReadonlySet<Change>;
  /** How many other changes its report refuses. @default 0 */
  readonly refused?: number;
  /** How many of the report's errors do so. @default 0 */
  readonly explained?: number;
}

/** Ownpage's counters for one request, beside what the changes should have made them. */
export function countersOf(
  report: WriteReport,
  { applied, held = new Set(), refused = 0, explained = 0 }: Prediction,
): BatchAnswer["counters"] {
  const of = (kind: Change["kind"]) =>
    applied.filter((change) => change.kind === kind && !held.has(change)).length;
  const added = of("subscribe");
  const rows = report.unique_emails_count;
  const dataChanged = report.nb_data_changed;
  return {
    // The documentation does not say whether a row counts that an error names.
    uniqueEmails: {
      predicted: nearest(rows, { least: applied.length, most: applied.length + refused }),
      answered: rows,
    },
    duplicateEmails: { predicted: 0, answered: report.duplicate_emails_count },
    duplicateGuids: { predicted: 0, answered: report.duplicate_guid_count },
    created: { predicted: added, answered: report.nb_created },
    subscribed: { predicted: added + of("resubscribe"), answered: report.nb_subscribed },
    unsubscribed: { predicted: of("unsubscribe"), answered: report.nb_unsubscribed },
    dataChanged: { predicted: nearest(dataChanged, dataChangedBounds(applied)), answered: dataChanged },
    errors: { predicted: explained, answered: report.errors.length },
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
