import { pipeline } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { FileBusyError } from "../domain/archive-errors.ts";
import type { Bucket, OpenObject } from "../platform/storage/bucket.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import { withoutRecords } from "./csv-records.ts";
import type { ErasureTally } from "./erasure.ts";
import type { ReaderMatcher } from "./reader-matcher.ts";

const maxAttempts = 5;

export interface CsvErasure {
  readonly bucket: Bucket;
  /** The same bucket. */
  readonly files: FileStore;
  readonly matcher: ReaderMatcher;
  readonly tally: ErasureTally;
  readonly signal: AbortSignal;
  /** Whether files there have labels. */
  readonly hasLabels: boolean;
}

/**
 * Writes a CSV, or a gzipped one, anew without the reader's records, if it has any. Of a large file no more than a piece is
 * held. What is known of it, its labels too, stays as it is: so the provider's file of that day still counts as fetched.
 */
export async function eraseFromCsv(key: string, erasure: CsvErasure): Promise<void> {
  const { bucket, files, matcher, tally, signal, hasLabels } = erasure;
  tally.searched++;
  let rows = 0;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    signal.throwIfAborted();
    const found = await bucket.open(key);
    if (found === undefined || !(await mentions(key, found, matcher))) {
      // The answer to an upload may have been lost, and the upload repeated.
      if (rows > 0) tally.add(key, rows);
      return;
    }
    const labels = hasLabels ? await files.labelsOf(key) : {};
    const object = await bucket.open(key);
    if (object === undefined) return;
    rows = 0;
    const edited = withoutRecords(contentOf(key, object), { matcher, onErased: () => rows++ });
    const { etag: ifMatch, contentType, metadata } = object;
    const options = { contentType, metadata, ifMatch, signal };
    const etag = await files.upload(key, isZipped(key) ? zipped(edited) : edited, options);
    if (etag === undefined) continue;
    if (Object.keys(labels).length > 0) await files.label(key, labels);
    tally.add(key, rows);
    return;
  }
  throw new FileBusyError(maxAttempts);
}

async function mentions(key: string, object: OpenObject, matcher: ReaderMatcher): Promise<boolean> {
  let isMentioned = false;
  // An address may be cut by the end of a piece: records are not.
  const pieces = withoutRecords(contentOf(key, object), { matcher, onErased: () => (isMentioned = true) });
  for await (const _ of pieces) if (isMentioned) break;
  object.body.destroy();
  return isMentioned;
}

function isZipped(key: string): boolean {
  return key.endsWith(".gz");
}

/** An object's bytes, unzipped. */
export async function* contentOf(key: string, { body }: OpenObject): AsyncGenerator<Buffer> {
  // The reader of the last stream receives an error of any of them.
  yield* isZipped(key) ? pipeline(body, createGunzip(), () => undefined) : body;
}

async function* zipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pipeline(chunks, createGzip(), () => undefined);
}
