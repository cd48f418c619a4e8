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
  /** The functions whose runs write a history. */
  readonly jobs: readonly string[];
  /** The runs of which there is one. */
  readonly known: ReadonlySet<string>;
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
export async function findGaps(bucket: Bucket, { list, jobs, known }: Question): Promise<string[]> {
  const reported = (
    await pMap(jobs, (job) => reportsOf(bucket, `${exchangePrefixes.reports}${job}/${list}/`))
  ).flat();
  // Ids begin with the time. Before a deployment that writes one, there is no history.
  const [first = ""] = [...known].sort();
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
