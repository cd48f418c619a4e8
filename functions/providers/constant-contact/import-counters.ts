import type { BatchAnswer, RefusedChange } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { Activity } from "./answers.ts";

/** The first row of an import is line 2, also if it has no header. */
const firstLine = 2;

/** The changes that an import names as wrong, by their lines. */
export function refusedBy({ errors }: Activity, sent: readonly Change[]): RefusedChange[] {
  const refused = new Map<Change, RefusedChange>();
  for (const error of errors) {
    const [, line, reason = error] = /^\s*line\s+(\d+)\s*:?\s*(.*)$/is.exec(error) ?? [];
    const change = line === undefined ? undefined : sent[Number(line) - firstLine];
    if (change !== undefined) refused.set(change, { change, reason });
  }
  return [...refused.values()];
}

/** Whether an import tells of no error, and of no fewer people than rows that were sent, as far as that is known. */
export function tookAll({ errors, counts }: Activity, sent = 0): boolean {
  const { people = sent, errors: wrong = 0, correctable = 0, notAdded = 0 } = counts;
  return errors.length + wrong + correctable + notAdded === 0 && people >= sent;
}

/** What an import counted, beside what it was to count. What it does not tell is left out. */
export function importCounters(
  { counts }: Activity,
  { sent, refused }: { readonly sent: number; readonly refused: number },
): BatchAnswer["counters"] {
  const { people, errors, correctable, notAdded } = counts;
  const counters: Record<string, { predicted: number; answered: number }> = {};
  // Whether rows with an error are people is not documented.
  if (people !== undefined)
    counters["person_count"] = { predicted: sent, answered: people === sent - refused ? sent : people };
  if (errors !== undefined || correctable !== undefined)
    counters["error_count"] = { predicted: refused, answered: (errors ?? 0) + (correctable ?? 0) };
  if (notAdded !== undefined) counters["cannot_add_to_list_count"] = { predicted: 0, answered: notAdded };
  return counters;
}

/** Adds up what several parts of a batch counted. */
export function addCounters(all: readonly BatchAnswer["counters"][]): BatchAnswer["counters"] {
  const sums: Record<string, { predicted: number; answered: number }> = {};
  for (const [name, { predicted, answered }] of all.flatMap((counters) => Object.entries(counters))) {
    const sum = sums[name] ?? { predicted: 0, answered: 0 };
    sums[name] = { predicted: sum.predicted + predicted, answered: sum.answered + answered };
  }
  return sums;
}
