import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey, refusedKey } from "../platform/storage/object-keys.ts";
import type { EventFile, EventFiles } from "../providers/event-files.ts";
import { fetchFile } from "./fetch-file.ts";
import { labelAsFetched } from "./file-labels.ts";
import type { FileReport } from "./report.ts";
import { bytesOf, contentType, type FetchedFile, metadataOf, storeOriginal } from "./store-original.ts";
import { storeTableCopy } from "./store-table-copy.ts";

export interface ArchiveTools {
  readonly archive: FileStore;
  readonly files: EventFiles;
  /** A folder on this machine's disk for files in progress. */
  readonly folder: string;
  /** In which the days and the times of their rows are. */
  readonly timeZone: string;
  /** The SHA-256 of a file that a person has looked at: it may be shorter than the stored one. */
  readonly accepted: string | undefined;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Fetches one event's file of one day. If it is whole and no shorter than the stored file, it is stored: first the
 * original, then its copy for Athena, then the label that says that both are in place, so that a killed run leaves the
 * file due. A file without rows is stored, too: so it is known that there were none. A file that is refused is kept
 * aside.
 *
 * @throws whatever fetchFile, S3 and the disk throw, and the signal's reason
 */
export async function archiveFile(file: EventFile, tools: ArchiveTools): Promise<FileReport> {
  const { archive, files, folder, timeZone, accepted, signal } = tools;
  const fetchedAt = tools.now();
  const path = join(folder, `${file.event}-${file.date}.csv.gz`);
  try {
    const download = await fetchFile(file, { files, path, timeZone, signal });
    if (download !== undefined) {
      const { endpoint } = files;
      return await storeFile({ ...file, endpoint, download, fetchedAt, accepted, archive, signal });
    }
    const key = eventsKey(file.event, file.date);
    return { ...file, key, outcome: "unavailable", reason: "does not exist at the provider" };
  } finally {
    await rm(path, { force: true });
  }
}

async function storeFile(file: FetchedFile): Promise<FileReport> {
  const { event, date, download } = file;
  const { rows, bytes, sha256, columns, problem } = download;
  const unknown = columns.unknown.length > 0 && { unknownColumns: columns.unknown };
  const known = { event, date, key: eventsKey(event, date), rows, bytes, sha256, ...unknown };
  if (problem !== undefined) return { ...known, ...(await refuse(file, problem)) };
  const original = await storeOriginal(file);
  if ("problem" in original) return { ...known, ...(await refuse(file, original.problem)) };
  if (await storeTableCopy(file)) await labelAsFetched(file);
  return { ...known, outcome: rows === 0 ? "empty" : original.outcome };
}

async function refuse(
  file: FetchedFile,
  reason: string,
): Promise<Pick<FileReport, "outcome" | "reason" | "keptAside">> {
  const { archive, download, signal } = file;
  if (download.bytes === 0) return { outcome: "failed", reason };
  const key = refusedKey(file.event, file.date, download.sha256);
  const options = { contentType, metadata: metadataOf(file), signal, ifAbsent: true };
  await archive.upload(key, bytesOf(download.path), options);
  return { outcome: "failed", reason, keptAside: key };
}
