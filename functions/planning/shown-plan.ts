import {
  type Change,
  changeGroups,
  type Group,
  groupCounts,
  groups,
  kindOf,
  type PlanSummary,
} from "../domain/plan.ts";
import type { Return } from "../domain/return.ts";
import { countsInWords, inDigits, listed } from "../platform/run-summary.ts";
import { plain } from "./plain-text.ts";

/** How many rows of each group a person is shown. */
export const samplesPerGroup = 50;

/** The first rows of each group of a plan, at most {@link samplesPerGroup}. */
export type Samples = ReadonlyMap<Group, readonly (Change | Return)[]>;

/** A row of a plan in words; no value of it can harm what shows it. */
export interface ShownRow {
  readonly address: string;
  readonly reason: string;
  /** What the provider is sent with the address, or the database is told of it. */
  readonly values: string;
}

/** A group of a plan, of which a person sees the first rows. */
export interface ShownGroup {
  readonly group: Group;
  readonly title: string;
  /** How many rows it has altogether. */
  readonly total: number;
  readonly rows: readonly ShownRow[];
}

/** `unsubscribe 21, subscribe 340, update 12; kept 48; returns 7` */
export function headlineOf(plan: PlanSummary): string {
  const counts = groupCounts(plan);
  const changes = { unsubscribe: 0, subscribe: 0, resubscribe: 0, update: 0 };
  for (const group of changeGroups) changes[kindOf[group]] += counts[group];
  const kept = countKept(plan);
  return listed([
    countsInWords(changes) || (counts.return === 0 && "nothing to do"),
    kept > 0 && `kept ${inDigits(kept)}`,
    counts.return > 0 && `returns ${inDigits(counts.return)}`,
  ]);
}

/** How many addresses a plan leaves as they are, although the two sides differ. */
export function countKept({ kept }: PlanSummary): number {
  return Object.values(kept).reduce((sum, count) => sum + count, 0);
}

/** The groups that a plan has, in the order in which they are delivered. */
export function shownGroups(plan: PlanSummary, samples: Samples): ShownGroup[] {
  const counts = groupCounts(plan);
  return groups
    .filter((group) => counts[group] > 0)
    .map((group) => ({
      group,
      title: `${titleOf(group)}: ${inDigits(counts[group])}`,
      total: counts[group],
      rows: (samples.get(group) ?? []).map(shownRow),
    }));
}

function titleOf(group: Group): string {
  if (group === "return" || group === kindOf[group]) return group;
  return `${kindOf[group]} (${group})`;
}

function shownRow(row: Change | Return): ShownRow {
  const values = row.kind === "return" ? toldWith(row) : valuesIn(sentWith(row));
  return { address: plain(row.email), reason: plain(row.reason), values: plain(values) };
}

/** The time is to the minute: a line is short. */
function toldWith({ tells, cause, changedAt, fields = {} }: Return): string {
  const values = valuesIn({ cause, at: changedAt?.replace(/:[\d.]+Z$/, "Z"), ...fields });
  return `${tells} ${values}`.trimEnd();
}

function sentWith(change: Change): Readonly<Record<string, string>> {
  return change.kind === "unsubscribe" ? { cause: change.cause } : change.fields;
}

function valuesIn(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
