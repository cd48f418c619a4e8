import { createReadStream } from "node:fs";
import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey } from "../platform/storage/object-keys.ts";
import { endpoint } from "./fetch-file.ts";
import type { MatchedColumns } from "./match-columns.ts";
import type { EventFile } from "./report.ts";
import { retryOnConflict } from "./retry-on-conflict.ts";
import type { SpooledFile } from "./spool-body.ts";

/** A file that came whole, and where it goes. */
export interface FetchedFile extends EventFile {
  readonly spooled: SpooledFile;
  readonly fetchedAt: Date;
  readonly archive: FileStore;
  readonly signal: AbortSignal;
}

export const contentType = "application/gzip";

/** Metadata may have 2 kB in all. */
const longestColumns = 1000;

/**
 * Stores a file exactly as it was sent, unless the same or a longer one stands there: of those that store one at
 * the same time, one succeeds and the others find what it stored.
 *
 * @returns the problem of one that would replace a file which it may not
 */
export async function storeOriginal(
  file: FetchedFile,
  columns: MatchedColumns,
): Promise<{ readonly outcome: "stored" | "unchanged" | "replaced" } | { readonly problem: string }> {
  const { archive, spooled, signal } = file;
  const key = eventsKey(file.event, file.date);
  const metadata = metadataOf(file, columns.names);
  return await retryOnConflict(async () => {
    const standing = await archive.describe(key);
    if (standing?.metadata["sha256"] === spooled.sha256) return { outcome: "unchanged" };
    const problem = standing && problemOfReplacing(standing.metadata, spooled);
    if (problem !== undefined) return { problem };
    const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
    const options = { contentType, metadata, signal, ...condition };
    const etag = await archive.upload(key, bytesOf(spooled.path), options);
    if (etag === undefined) return undefined;
    return { outcome: standing === undefined ? "stored" : "replaced" };
  });
}

function problemOfReplacing(
  standing: Readonly<Record<string, string>>,
  { bytes, rows }: SpooledFile,
): string | undefined {
  const before = { bytes: Number(standing["bytes"]), rows: Number(standing["rows"]) };
  if (bytes >= before.bytes && rows >= before.rows) return undefined;
  if (Number.isNaN(before.bytes + before.rows)) {
    return "differs from a file that stands in its place without its size, so that file stays";
  }
  const sizes = `from ${before.bytes} to ${bytes} bytes (${before.rows} to ${rows} rows)`;
  return `shrank ${sizes}, so the longer file stays`;
}

/** Percent-encoded where it may not be ASCII. */
export function metadataOf(file: FetchedFile, columns: readonly string[]): Record<string, string> {
  const { rows, bytes, sha256 } = file.spooled;
  const names = columns.map(encodeURIComponent).join(",");
  return {
    rows: String(rows),
    bytes: String(bytes),
    sha256,
    columns: names.length > longestColumns ? `${names.slice(0, longestColumns)}...` : names,
    source: `${endpoint} event=${file.event} date=${file.date}`,
    "fetched-at": file.fetchedAt.toISOString(),
  };
}

/** A spooled file's bytes; opened when they are asked for, so that nobody has to close what was never read. */
export async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}
