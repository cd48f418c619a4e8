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

/** What an object of NDJSON is to hold after the reader's rows are gone. */
export interface RowsLeft {
  readonly ndjson: Buffer;
  readonly rows: number;
  readonly erased: number;
  /** Of the object as it was. */
  readonly etag: string;
}

/**
 * Takes the reader out of an object of the exchange bucket: rows out of NDJSON and CSV, lines out of a plan's text; what
 * else mentions them is removed whole.
 */
export async function eraseFromObject(key: string, erasure: StoredErasure): Promise<void> {
  if (key.endsWith(".csv")) return eraseFromCsv(key, erasure);
  if (key.endsWith(".ndjson.gz")) {
    const left = await rowsLeftIn(key, erasure);
    if (left !== undefined) await writeRowsLeft(key, left, erasure);
    return;
  }
  const { store, bucket, matcher, tally } = erasure;
  tally.searched++;
  const object = await store.get(key);
  if (object === undefined) return;
  const before = Buffer.from(object.bytes).toString();
  const isText = key.endsWith(".md");
  const { text, erased } = isText ? eraseFromText(before, matcher) : { text: before, erased: 0 };
  const isStillMentioned = matcher.isMentionedIn(text);
  if (erased === 0 && !isStillMentioned) return;
  if (isText && !isStillMentioned) await store.put(key, Buffer.from(text));
  else await bucket.remove(key);
  tally.add(key, erased);
}

/** @returns undefined if the object has nothing of the reader; or if it is damaged, which is noted */
export async function rowsLeftIn(key: string, erasure: StoredErasure): Promise<RowsLeft | undefined> {
  const { store, matcher, tally } = erasure;
  tally.searched++;
  const object = await store.get(key);
  if (object === undefined) return undefined;
  const rows = await decompress(object.bytes).catch(() => undefined);
  if (rows === undefined) tally.addUnreadable(key);
  if (rows === undefined || !matcher.mayBeIn(rows)) return undefined;
  const left = eraseFromNdjson(rows, matcher);
  return left.erased === 0 ? undefined : { ...left, etag: object.etag };
}

/** @throws FileBusyError when others write the object each time */
export async function writeRowsLeft(key: string, left: RowsLeft, erasure: StoredErasure): Promise<void> {
  const { store, bucket, tally } = erasure;
  let latest = left;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { rows, ndjson, etag, erased } = latest;
    const isWritten =
      rows > 0
        ? (await store.put(key, await compress(ndjson), { ifMatch: etag })) !== undefined
        : await bucket.remove(key).then(() => true);
    // The answer to a put may have been lost, and the put repeated: then nobody is left in it.
    const again = isWritten ? undefined : await rowsLeftIn(key, erasure);
    if (again === undefined) {
      tally.add(key, erased);
      return;
    }
    latest = again;
  }
  throw new FileBusyError(maxAttempts);
}
