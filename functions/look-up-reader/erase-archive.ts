import pMap from "p-map";
import type { Run } from "../platform/run.ts";
import { archivePrefixes } from "../platform/storage/object-keys.ts";
import { type CsvErasure, contentOf, eraseFromCsv } from "./erase-csv.ts";

const concurrency = 8;
/** What is left for the file that was begun last. */
const reserveMs = 30_000;

/**
 * Takes the reader out of the archived files, the copies that Athena reads, and those that were refused; results of queries
 * that mention them are removed.
 *
 * @param from the key of the first file to look at. @default the first of all
 * @returns the key at which the time was over; undefined if all was done
 */
export async function eraseFromArchive(
  erasure: CsvErasure,
  { from = "" }: { readonly from?: string | undefined },
  run: Run<unknown>,
): Promise<string | undefined> {
  const { events, tables, refused, results } = archivePrefixes;
  const keys: string[] = [];
  for (const prefix of [events, tables, refused, results].sort()) {
    for await (const { key } of erasure.bucket.list(prefix)) if (key >= from) keys.push(key);
  }
  const isOver = () => run.now().getTime() >= run.stopsAt.getTime() - reserveMs;
  let next: string | undefined;
  function* untilOver(): Generator<string> {
    for (const [done, key] of keys.entries()) {
      // One at least: else whoever goes on would never come further.
      if (done > 0 && isOver()) {
        next = key;
        return;
      }
      run.progress("erasing from the archive", done, keys.length);
      yield key;
    }
  }
  await pMap(untilOver(), (key) => eraseFromFile(key, erasure), { concurrency });
  if (next === undefined) run.progress("erasing from the archive", keys.length, keys.length);
  return next;
}

/** A file that is damaged stays as it is, and is named: it must not keep the reader in all others. */
async function eraseFromFile(key: string, erasure: CsvErasure): Promise<void> {
  try {
    if (key.startsWith(archivePrefixes.results)) await removeResult(key, erasure);
    else await eraseFromCsv(key, erasure);
  } catch (error) {
    if (!isOfZlib(error)) throw error;
    erasure.tally.addUnreadable(key);
  }
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

async function removeResult(key: string, { bucket, matcher, tally }: CsvErasure): Promise<void> {
  tally.searched++;
  const object = await bucket.open(key);
  if (object === undefined) return;
  let end: Buffer = Buffer.alloc(0);
  let isMentioned = false;
  for await (const chunk of contentOf(key, object)) {
    const text = Buffer.concat([end, chunk]);
    isMentioned = matcher.mayBeIn(text) && matcher.isMentionedIn(text.toString());
    if (isMentioned) break;
    // An address may be cut by the end of a piece.
    end = text.subarray(-longestAddress);
  }
  object.body.destroy();
  if (!isMentioned) return;
  await bucket.remove(key);
  tally.add(key, 0);
}

const longestAddress = 1000;
