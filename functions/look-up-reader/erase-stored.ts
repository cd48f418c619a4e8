import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { FileBusyError } from "../domain/archive-errors.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { type CsvErasure, eraseFromCsv } from "./erase-csv.ts";
import { eraseFromNdjson, eraseFromText } from "./erase-rows.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const maxAttempts = 5;

export interface StoredErasure extends CsvErasure {
  /** The same bucket. */
  readonly store: ObjectStore;
}

/** The rows that are left in an object after the reader's are gone. */
export interface Left {
  readonly rows: number;
  /** What a plan's summary says of them. */
  readonly ndjson: Buffer;
}

/**
 * Takes the reader out of an object of the exchange bucket: rows out of NDJSON and CSV, lines out of a plan's text; what
 * else mentions them is removed whole.
 *
 * @returns what is left of NDJSON that was changed
 */
export async function eraseFromObject(key: string, erasure: StoredErasure): Promise<Left | undefined> {
  if (key.endsWith(".csv")) {
    await eraseFromCsv(key, erasure);
    return undefined;
  }
  if (key.endsWith(".ndjson.gz")) return eraseFromRows(key, erasure);
  const { store, bucket, matcher, tally } = erasure;
  tally.searched++;
  const object = await store.get(key);
  if (object === undefined || !matcher.isMentionedIn(Buffer.from(object.bytes).toString())) return undefined;
  const { text, erased } = eraseFromText(Buffer.from(object.bytes).toString(), matcher);
  if (key.endsWith(".md") && !matcher.isMentionedIn(text)) await store.put(key, Buffer.from(text));
  else await bucket.remove(key);
  tally.add(key, erased);
  return undefined;
}

async function eraseFromRows(key: string, erasure: StoredErasure): Promise<Left | undefined> {
  const { store, bucket, matcher, tally } = erasure;
  tally.searched++;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const object = await store.get(key);
    // What is damaged cannot be read by anybody, nor can its reader be found in it.
    const rows = object && (await decompress(object.bytes).catch(() => undefined));
    if (object === undefined || rows === undefined || !matcher.mayBeIn(rows)) return undefined;
    const { erased, ...left } = eraseFromNdjson(rows, matcher);
    if (erased === 0) return undefined;
    if (left.rows > 0) {
      const etag = await store.put(key, await compress(left.ndjson), { ifMatch: object.etag });
      if (etag === undefined) continue;
    } else await bucket.remove(key);
    tally.add(key, erased);
    return left;
  }
  throw new FileBusyError(maxAttempts);
}
