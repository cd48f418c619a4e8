import { buffer } from "node:stream/consumers";
import pMap from "p-map";
import { nameOf } from "../domain/unforeseen-error.ts";
import type { Bucket, ListedObject } from "../platform/storage/bucket.ts";
import {
  blocksIn,
  type HistoryHeader,
  type HistoryRecord,
  recordsOf,
} from "../platform/storage/history/history-block.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";

/** A year is 365 objects: so many are fetched at a time. */
const concurrency = 16;
const monthsShown = 14;

/** One run that touched the reader, and what it did. */
export interface TouchingRun extends Omit<HistoryHeader, "reasons" | "delivers"> {
  readonly delivers: ReadonlySet<HistoryHeader["delivers"][number]>;
  readonly records: readonly HistoryRecord[];
}

/** What is known of one reader on a list, and where something is missing. */
export interface ReaderHistory {
  /** The oldest first. */
  readonly runs: readonly TouchingRun[];
  /** The day from which on runs wrote a history; undefined if none did. */
  readonly since: string | undefined;
  /** Objects that could not be read or are damaged in part, and days of which there is nothing although runs reported. */
  readonly gaps: readonly string[];
}

type Block = HistoryHeader & { readonly records: readonly HistoryRecord[] };

/** @param hash of the reader's canonical address */
export async function readHistory(
  bucket: Bucket,
  { list, hash, jobs }: { readonly list: string; readonly hash: string; readonly jobs: readonly string[] },
): Promise<ReaderHistory> {
  const prefix = `${exchangePrefixes.history}${list}/`;
  const objects: ListedObject[] = [];
  for await (const object of bucket.list(prefix)) objects.push(object);
  const gaps: string[] = [];
  const blocks: Block[] = [];
  const read = async ({ key }: ListedObject) => {
    blocks.push(...(await touchingBlocks(bucket, key, { hash, gaps })));
  };
  await pMap(objects, read, { concurrency });
  const days = new Set(objects.map(({ key }) => key.slice(prefix.length, prefix.length + dayLength)));
  const [since] = [...days].sort();
  if (since !== undefined) {
    for (const day of await reportedDays(bucket, { list, jobs, since })) {
      if (!days.has(day)) gaps.push(`${day}: runs reported, and their history is missing`);
    }
  }
  return { runs: mergeByRun(blocks), since, gaps: gaps.sort() };
}

const dayLength = "2026-11-30".length;

async function touchingBlocks(
  bucket: Bucket,
  key: string,
  { hash, gaps }: { readonly hash: string; readonly gaps: string[] },
): Promise<Block[]> {
  const touching: Block[] = [];
  const gap = (problem: string) => void gaps.push(`${key}: ${problem}`);
  try {
    const object = await bucket.open(key);
    if (object === undefined) return [];
    for (const block of blocksIn(await buffer(object.body), () => gap("a part of it is damaged"))) {
      const records = [...recordsOf(hash, block)];
      // A run's last block says what became of what the one before it planned.
      if (records.length > 0 || block.header.isOver) touching.push({ ...block.header, records });
    }
  } catch (error) {
    gap(`it could not be read (${nameOf(error)})`);
  }
  return touching;
}

/** What the blocks of each run say together; runs without a record of the reader are left out. */
function mergeByRun(blocks: readonly Block[]): TouchingRun[] {
  const runs = [...Map.groupBy(blocks, ({ run }) => run).values()].map((ofRun): TouchingRun => {
    const { reasons: _, ...header } = ofRun[0]!;
    return {
      ...header,
      isOver: ofRun.some(({ isOver }) => isOver),
      hasTold: ofRun.some(({ hasTold }) => hasTold),
      delivers: new Set(ofRun.flatMap(({ delivers }) => delivers)),
      records: ofRun.flatMap(({ records }) => records),
    };
  });
  return runs.filter(({ records }) => records.length > 0).sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** The days on which runs of the list stored reports: from `since` on, by the run's ids in their keys. */
async function reportedDays(
  bucket: Bucket,
  { list, jobs, since }: { readonly list: string; readonly jobs: readonly string[]; readonly since: string },
): Promise<Set<string>> {
  const prefixes = jobs.flatMap((job) =>
    monthsFrom(since).map((month) => `${exchangePrefixes.reports}${job}/${list}/${month}`),
  );
  const days = new Set<string>();
  await pMap(
    prefixes,
    async (prefix) => {
      for await (const { key } of bucket.list(prefix)) {
        const [, year, month, day] = /\/(\d{4})(\d\d)(\d\d)T[^/]*\.json$/.exec(key) ?? [];
        const date = `${year}-${month}-${day}`;
        if (day !== undefined && date >= since) days.add(date);
      }
    },
    { concurrency },
  );
  return days;
}

/** `202611`, and the months after it: more than reports are kept. */
function monthsFrom(day: string): string[] {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return Array.from({ length: monthsShown }, (_, n) => {
    const at = new Date(Date.UTC(year, month - 1 + n, 1));
    return at.toISOString().slice(0, 7).replace("-", "");
  });
}
