import { createReadStream } from "node:fs";
import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey } from "../platform/storage/object-keys.ts";
import type { EventFile } from "../providers/event-files.ts";
import type { DownloadedFile } from "./download-body.ts";
import type { ArchiveEvent } from "./event.ts";
import { retryOnConflict } from "./retry-on-conflict.ts";

/** A file that was fetched, and where it goes. */
export interface FetchedFile extends EventFile {
  /** Names the call that opened it. */
  readonly endpoint: string;
  readonly download: DownloadedFile;
  readonly fetchedAt: Date;
  /** The SHA-256 of a file that a person has looked at. */
  readonly accepted: string | undefined;
  readonly archive: FileStore;
  readonly signal: AbortSignal;
}

export const contentType = "application/gzip";

/** S3 allows 2 kB of metadata in all. */
const maxColumnsLength = 1000;

/**
 * Stores a file exactly as it was sent, unless the same or a longer one is stored already; a shorter one only if a
 * person has accepted it. If several runs store it at the same time, one succeeds and the others find its file.
 *
 * @returns why the file may not replace the stored one, if that is so
 */
export async function storeOriginal(
  file: FetchedFile,
): Promise<{ readonly outcome: "stored" | "unchanged" | "replaced" } | { readonly problem: string }> {
  const { archive, download, signal } = file;
  const key = eventsKey(file.event, file.date);
  const metadata = metadataOf(file);
  return await retryOnConflict(async () => {
    const stored = await archive.describe(key);
    if (stored?.metadata["sha256"] === download.sha256) return { outcome: "unchanged" };
    const problem = stored && problemOfReplacing(stored.metadata, file);
    if (problem !== undefined) return { problem };
    const condition = stored === undefined ? { ifAbsent: true } : { ifMatch: stored.etag };
    const options = { contentType, metadata, signal, ...condition };
    const etag = await archive.upload(key, bytesOf(download.path), options);
    if (etag === undefined) return undefined;
    return { outcome: stored === undefined ? "stored" : "replaced" };
  });
}

function problemOfReplacing(
  stored: Readonly<Record<string, string>>,
  { event, date, download: { bytes, rows, sha256 }, accepted }: FetchedFile,
): string | undefined {
  if (accepted === sha256) return undefined;
  const before = { bytes: Number(stored["bytes"]), rows: Number(stored["rows"]) };
  // Of a day without rows, some answers have a header and some have not.
  const lostNothing = rows === 0 && before.rows === 0;
  if (lostNothing || (bytes >= before.bytes && rows >= before.rows)) return undefined;
  const acceptance: ArchiveEvent = { date, events: [event], accept: sha256 };
  const advice = `if it is right, accept it with the event ${JSON.stringify(acceptance)}`;
  if (Number.isNaN(before.bytes + before.rows)) {
    return `differs from the stored file, whose size is not recorded, so the stored file stays; ${advice}`;
  }
  const sizes = `from ${before.bytes} to ${bytes} bytes (${before.rows} to ${rows} rows)`;
  return `shrank ${sizes}, so the longer file stays; ${advice}`;
}

/** S3 takes only ASCII, so the names are percent-encoded. */
export function metadataOf(file: FetchedFile): Record<string, string> {
  const { rows, bytes, sha256, columns } = file.download;
  const names = columns.names.map(encodeURIComponent).join(",");
  return {
    rows: String(rows),
    bytes: String(bytes),
    sha256,
    columns: names.length > maxColumnsLength ? `${names.slice(0, maxColumnsLength)}...` : names,
    source: `${file.endpoint} event=${file.event} date=${file.date}`,
    "fetched-at": file.fetchedAt.toISOString(),
  };
}

/** The bytes of a file on disk, which is opened only when they are read: nothing has to be closed unread. */
export async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}
