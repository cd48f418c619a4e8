import * as z from "zod";
import type { ReportName } from "../platform/storage/page-keys.ts";
import { fold, measure, type Point, pointSchema } from "./point.ts";
import { isLook, type ShownReport } from "./shown-report.ts";

const recordSchema = z.object({
  run: z.string(),
  outcome: z.enum(["succeeded", "failed", "duplicate"]).optional(),
  /** Who acts next, of a failed run. */
  actor: z.string().optional(),
  summary: z.string().optional(),
  startedBy: z.string().optional(),
  look: z.literal(true).optional(),
  /** Whether it has a page. */
  page: z.boolean(),
});

/** A run as the index lists it. */
export type RunRecord = z.infer<typeof recordSchema>;

const subjectSchema = z.object({
  /** The latest first. */
  last: z.array(recordSchema),
  /** The last one that only looked: what the next one will do. */
  look: recordSchema.optional(),
  /** By a run's id, `20260301T090000Z-07a615b6`, or by a day, `20260301`: in the order of time as texts, too. */
  points: z.record(z.string(), pointSchema),
});
export type Subject = z.infer<typeof subjectSchema>;

export const runIndexSchema = z.object({
  version: z.literal(1),
  /** Greater with each writing. */
  revision: z.int().nonnegative(),
  /** By function and list, `sync-subscribers/daily`. */
  subjects: z.record(z.string(), subjectSchema),
});

/** What the index is drawn from. It stays small: it has the last runs, and points that get fewer with their age. */
export type RunIndex = z.infer<typeof runIndexSchema>;

/** How many runs of a list are named. */
export const runsNamed = 8;

/** Runs are points of their own for two days and what has passed of today; before, a day is a point. */
const daysApart = 2;

/** As long as reports are kept. */
const daysShown = 400;

const dayMs = 24 * 60 * 60 * 1000;

/** A run that is to be in the index. */
export interface IndexedRun {
  readonly name: ReportName;
  readonly report: ShownReport;
  readonly hasPage: boolean;
}

/**
 * The index with a run. To add it twice is to add it once, and the order does not matter. A run that comes so late that its
 * day is one point already is no longer counted: nothing tells whether it was.
 */
export function addRun(index: RunIndex, run: IndexedRun, now: Date): RunIndex {
  const key = subjectKey(run);
  const { last = [], look, points = {} } = index.subjects[key] ?? {};
  const { runId } = run.name;
  const isOver = runId.slice(0, 8) in points;
  const counted = isOver ? points : { ...points, ...pointsOf([run]) };
  const subject = subjectOf([recordOf(run), ...last, ...(look ? [look] : [])], counted, now);
  return { ...index, subjects: withoutGone({ ...index.subjects, [key]: subject }, now) };
}

/** The index of these runs, in whatever order they come. */
export function indexRuns(runs: readonly IndexedRun[], now: Date, revision: number): RunIndex {
  const subjects = [...Map.groupBy(runs, subjectKey)].map(([key, group]) => {
    return [key, subjectOf(group.map(recordOf), pointsOf(group), now)];
  });
  return { version: 1, revision, subjects: withoutGone(Object.fromEntries(subjects), now) };
}

function pointsOf(runs: readonly IndexedRun[]): Record<string, Point> {
  const measured = runs.map(({ name, report }) => [name.runId, measure(report)] as const);
  return Object.fromEntries(measured.flatMap(([key, point]) => (point === undefined ? [] : [[key, point]])));
}

function subjectKey({ name: { functionName, subject } }: IndexedRun): string {
  return `${functionName}/${subject}`;
}

/** @param records in any order; of two of one run, the first counts */
function subjectOf(
  records: readonly RunRecord[],
  points: Readonly<Record<string, Point>>,
  now: Date,
): Subject {
  const first = firstDay(now);
  const known = records
    .filter(({ run }) => run >= first)
    .toSorted((one, other) => Number(one.run < other.run) - Number(one.run > other.run))
    .filter(({ run }, place, sorted) => run !== sorted[place - 1]?.run);
  const last = known.slice(0, runsNamed);
  const look = known.find((record) => record.look);
  const acted = known.find(mayHaveActed);
  // However many looks came after it.
  if (acted && !last.includes(acted)) last[runsNamed - 1] = acted;
  return { last, ...(look && { look }), points: thinned(points, now) };
}

/** Whether a run was to do something: neither only to look, nor what another run of the same event did. */
export function mayHaveActed({ look, outcome }: RunRecord): boolean {
  return !look && outcome !== "duplicate";
}

/** A list that was renamed or removed is gone with its last page. */
function withoutGone(subjects: RunIndex["subjects"], now: Date): RunIndex["subjects"] {
  const first = firstDay(now);
  const shown = Object.entries(subjects).filter(
    ([, { last }]) => last[0] !== undefined && last[0].run >= first,
  );
  return Object.fromEntries(shown);
}

function recordOf({ name, report, hasPage }: IndexedRun): RunRecord {
  const { outcome, error, summary, startedBy } = report;
  return {
    run: name.runId,
    ...(outcome && { outcome }),
    ...(error?.actor && { actor: error.actor }),
    ...(summary !== undefined && { summary }),
    ...(startedBy !== undefined && { startedBy }),
    ...(isLook(report) && { look: true }),
    page: hasPage,
  };
}

/** The points without those that are too old to be shown, and with one for each day that is over for long. */
function thinned(points: Readonly<Record<string, Point>>, now: Date): Record<string, Point> {
  const first = firstDay(now);
  const apart = dayOf(new Date(now.getTime() - daysApart * dayMs));
  const shown = Object.entries(points)
    .filter(([key]) => key.slice(0, 8) >= first)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const groups = Map.groupBy(shown, ([key]) => (key.slice(0, 8) < apart ? key.slice(0, 8) : key));
  return Object.fromEntries([...groups].map(([key, group]) => [key, fold(group.map(([, point]) => point))]));
}

function firstDay(now: Date): string {
  return dayOf(new Date(now.getTime() - daysShown * dayMs));
}

/** `20260301`, in UTC as the runs' ids. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10).replaceAll("-", "");
}
