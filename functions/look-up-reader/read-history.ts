import { buffer } from "node:stream/consumers";
import pMap from "p-map";
import { nameOf } from "../domain/unforeseen-error.ts";
import type { Bucket, ListedObject } from "../platform/storage/bucket.ts";
import {
  blocksIn,
  type HistoryHeader,
  type HistoryRecord,
  isOfKey,
  recordsOf,
} from "../platform/storage/history/history-block.ts";
import type { HashedReader } from "../platform/storage/history/reader-hash.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";
import { findGaps } from "./find-gaps.ts";

/** A year is 365 objects: so many are fetched at a time. */
const concurrency = 16;

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
  /** Objects that could not be read, are damaged in part or have another key; and runs that reported, without a history. */
  readonly gaps: readonly string[];
}

type Block = HistoryHeader & { readonly records: readonly HistoryRecord[] };

interface Question {
  readonly list: string;
  readonly reader: HashedReader;
  /** The functions whose reports show where the history has gaps. */
  readonly jobs: readonly string[];
  readonly now: Date;
}

export async function readHistory(
  bucket: Bucket,
  { list, reader, jobs, now }: Question,
): Promise<ReaderHistory> {
  const prefix = `${exchangePrefixes.history}${list}/`;
  const objects: ListedObject[] = [];
  for await (const object of bucket.list(prefix)) objects.push(object);
  const gaps: string[] = [];
  const known = new Set<string>();
  const blocks: Block[] = [];
  const read = async ({ key }: ListedObject) => {
    blocks.push(...(await touchingBlocks(bucket, key, { reader, gaps, known })));
  };
  await pMap(objects, read, { concurrency });
  const [since] = objects.map(({ key }) => key.slice(prefix.length, prefix.length + dayLength)).sort();
  gaps.push(...(await findGaps(bucket, { list, jobs, known, now })));
  return { runs: mergeByRun(blocks), since, gaps: gaps.sort() };
}

const dayLength = "2026-11-30".length;

interface Findings {
  readonly reader: HashedReader;
  readonly gaps: string[];
  readonly known: Set<string>;
}

async function touchingBlocks(
  bucket: Bucket,
  key: string,
  { reader, gaps, known }: Findings,
): Promise<Block[]> {
  const touching: Block[] = [];
  const gap = (problem: string) => void gaps.push(`${key}: ${problem}`);
  try {
    const object = await bucket.open(key);
    if (object === undefined) return [];
    let isOfOtherKey = false;
    for (const block of blocksIn(await buffer(object.body), () => gap("a part of it is damaged"))) {
      known.add(block.header.run);
      isOfOtherKey ||= !isOfKey(reader.keyName, block);
      const records = [...recordsOf(reader.hash, block)];
      // A run's last block says what became of what the one before it planned.
      if (records.length > 0 || block.header.isOver) touching.push({ ...block.header, records });
    }
    if (isOfOtherKey) gap("it was written with another key, so nobody is found in it");
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
