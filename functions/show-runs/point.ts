import * as z from "zod";
import { isLook, type ShownReport } from "./shown-report.ts";

const count = z.number().nonnegative();
const level = count.nullable();

/**
 * What the plots show of a run, or of all runs of a day: an array, as there are thousands of them. A level that a run did
 * not come to know is null.
 */
export const pointSchema = z.tuple([level, level, count, count, count, count, count, count]).readonly();
export type Point = z.infer<typeof pointSchema>;

export interface NamedPoint {
  /** Subscribers at the provider, and in the database. */
  readonly current: number | null;
  readonly desired: number | null;
  /** Changes and returns that were done; of the archive, files that were stored. */
  readonly changed: number;
  /** What waits for a person. */
  readonly waiting: number;
  /** Rows that the provider refused, or that were set aside. */
  readonly refused: number;
  /** Of the longest run. */
  readonly ms: number;
  readonly runs: number;
  readonly failed: number;
}

function pointOf(named: NamedPoint): Point {
  const { current, desired, changed, waiting, refused, ms, runs, failed } = named;
  return [current, desired, changed, waiting, refused, ms, runs, failed];
}

export function named(point: Point): NamedPoint {
  const [current, desired, changed, waiting, refused, ms, runs, failed] = point;
  return { current, desired, changed, waiting, refused, ms, runs, failed };
}

/** What the plots show of a run that may change something; nothing of one that only looked, or that left its event to another one. */
export function measure(report: ShownReport): Point | undefined {
  if (isLook(report)) return undefined;
  if (report.outcome === "duplicate") return undefined;
  const { current, desired, applied, returned, files = [], ms = 0, outcome } = report;
  const waiting = (applied?.waiting ?? 0) + (returned?.waiting ?? 0);
  const announced = files.filter((file) => file.announced).reduce((rows, file) => rows + (file.rows ?? 0), 0);
  const stored = files.filter((file) => file.outcome === "stored" || file.outcome === "replaced").length;
  return pointOf({
    current: current?.subscribed ?? null,
    desired: desired?.subscribed ?? null,
    changed: (applied?.accepted ?? 0) + (returned?.taken ?? 0) + announced + stored,
    waiting,
    refused: (desired?.rejected ?? 0) + (applied?.quarantined ?? 0) + (applied?.refusedAgain ?? 0),
    ms,
    runs: 1,
    failed: outcome === "failed" ? 1 : 0,
  });
}

/** The points of a day as one: the last levels that are known, the sum of what was done, and the worst of the rest. */
export function fold(points: readonly Point[]): Point {
  const all = points.map(named);
  const last = (level: "current" | "desired") =>
    all.findLast((point) => point[level] !== null)?.[level] ?? null;
  const sum = (name: "changed" | "runs" | "failed") => all.reduce((total, point) => total + point[name], 0);
  const most = (name: "waiting" | "refused" | "ms") => Math.max(0, ...all.map((point) => point[name]));
  return pointOf({
    current: last("current"),
    desired: last("desired"),
    changed: sum("changed"),
    waiting: most("waiting"),
    refused: most("refused"),
    ms: most("ms"),
    runs: sum("runs"),
    failed: sum("failed"),
  });
}
