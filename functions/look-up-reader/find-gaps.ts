import { buffer } from "node:stream/consumers";
import pMap from "p-map";
import * as z from "zod";
import { counted } from "../platform/run-summary.ts";
import type { Bucket } from "../platform/storage/bucket.ts";
import { historyNote } from "../platform/storage/history/run-history.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";

/** So many reports are read at a time, and at most: the newest. */
const concurrency = 16;
const mostRead = 1000;

/** What a run's report says of whether the run may have touched anybody. */
const reportSchema = z.object({
  planned: z.unknown().optional(),
  applied: z.record(z.string(), z.unknown()).optional(),
  notes: z.array(z.string()).optional(),
});

interface Question {
  readonly list: string;
  /** The functions whose reports are compared with it. */
  readonly jobs: readonly string[];
  /** The runs of which there is one. */
  readonly known: ReadonlySet<string>;
  readonly now: Date;
}

/** A report, and the run and the day that its key names. */
interface Reported {
  readonly key: string;
  readonly run: string;
  readonly day: string;
}

/**
 * Runs that reported, and of which the history has nothing, although they may have touched somebody: as their report says, or
 * as it cannot be read.
 */
export async function findGaps(bucket: Bucket, { list, jobs, known, now }: Question): Promise<string[]> {
  // Ids begin with the time. Before a deployment that writes one, there is no history.
  const [first = ""] = [...known].sort();
  const prefixes = jobs.flatMap((job) =>
    monthsBetween(first, now).map((month) => `${exchangePrefixes.reports}${job}/${list}/${month}`),
  );
  const reported = (await pMap(prefixes, (prefix) => reportsOf(bucket, prefix), { concurrency })).flat();
  const missing = reported.filter(({ run }) => !known.has(run) && run >= first);
  const newest = missing.toSorted((a, b) => (a.run < b.run ? 1 : -1)).slice(0, mostRead);
  const isLost = await pMap(newest, ({ key }) => mayHaveTouched(bucket, key), { concurrency });
  const lost = newest.filter((_, n) => isLost[n]);
  const ofDays = Map.groupBy(lost, ({ day }) => day);
  if (known.size === 0) return gapsOfAll([...ofDays.keys()]);
  return [...ofDays].map(
    ([day, { length }]) =>
      `${day}: ${counted(length, "run")} reported, and of what they did there is no history`,
  );
}

/** One sentence, as before the first run with a history there are many without. */
function gapsOfAll(days: readonly string[]): string[] {
  const [first] = days.toSorted();
  return first === undefined ? [] : [`runs reported since ${first}, and there is no history of them`];
}

/** The months from that of a run's id on, as each page of a listing waits for the one before; without an id, all at once. */
function monthsBetween(run: string, now: Date): string[] {
  if (run === "") return [""];
  const months: string[] = [];
  for (let n = 0; ; n++) {
    const at = new Date(Date.UTC(Number(run.slice(0, 4)), Number(run.slice(4, 6)) - 1 + n));
    if (!(at <= now)) return months;
    months.push(at.toISOString().slice(0, 7).replace("-", ""));
  }
}

async function reportsOf(bucket: Bucket, prefix: string): Promise<Reported[]> {
  const reports: Reported[] = [];
  for await (const { key } of bucket.list(prefix)) {
    const [, run = "", year, month, day] = /\/((\d{4})(\d\d)(\d\d)T[^/]*)\.json$/.exec(key) ?? [];
    if (day !== undefined) reports.push({ key, run, day: `${year}-${month}-${day}` });
  }
  return reports;
}

async function mayHaveTouched(bucket: Bucket, key: string): Promise<boolean> {
  const { data } = reportSchema.safeParse(await readJson(bucket, key));
  if (data === undefined) return true;
  const { planned, applied = {}, notes = [] } = data;
  const hasApplied = Object.values(applied).some((count) => typeof count === "number" && count > 0);
  return planned !== undefined || hasApplied || notes.some((note) => note.startsWith(historyNote));
}

/** @returns undefined if it is damaged, or S3 fails */
async function readJson(bucket: Bucket, key: string): Promise<unknown> {
  try {
    const object = await bucket.open(key);
    return object && JSON.parse((await buffer(object.body)).toString());
  } catch {
    return undefined;
  }
}
