import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FileStore } from "../platform/storage/file-store.ts";
import { eventsKey, refusedKey } from "../platform/storage/object-keys.ts";
import type { EventFile, EventFiles } from "../providers/event-files.ts";
import { fetchFile } from "./fetch-file.ts";
import { labelAsFetched } from "./file-labels.ts";
import { type MatchedColumns, matchColumns } from "./match-columns.ts";
import type { FileReport } from "./report.ts";
import { bytesOf, contentType, type FetchedFile, metadataOf, storeOriginal } from "./store-original.ts";
import { storeTableCopy } from "./store-table-copy.ts";

export interface ArchiveTools {
  readonly archive: FileStore;
  readonly files: EventFiles;
  /** A folder on this machine's disk for files in progress. */
  readonly folder: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Fetches one event's file of one day. If its quotes are closed, its columns are there and it is no shorter than the
 * stored file, it is stored: first the original, then its copy for Athena, then the label that says that both are in
 * place, so that a killed run leaves the file due. A file that is refused is kept aside.
 *
 * @throws whatever fetchFile, S3 and the disk throw, and the signal's reason
 */
export async function archiveFile(file: EventFile, tools: ArchiveTools): Promise<FileReport> {
  const { archive, files, folder, signal } = tools;
  const fetchedAt = tools.now();
  const path = join(folder, `${file.event}-${file.date}.csv.gz`);
  try {
    const download = await fetchFile(file, { files, path, signal });
    if (download !== undefined) {
      return await storeFile({ ...file, endpoint: files.endpoint, download, fetchedAt, archive, signal });
    }
    const key = eventsKey(file.event, file.date);
    return { ...file, key, outcome: "unavailable", reason: "does not exist at the provider" };
  } finally {
    await rm(path, { force: true });
  }
}

async function storeFile(file: FetchedFile): Promise<FileReport> {
  const { event, date, download } = file;
  const { rows, bytes, sha256 } = download;
  const known = { event, date, key: eventsKey(event, date), rows, bytes, sha256 };
  if (download.endsWithinQuotes) return { ...known, ...(await refuse(file, "ends within quotes")) };
  const columns = matchColumns(event, download.head);
  if ("problem" in columns) return { ...known, ...(await refuse(file, columns.problem)) };
  const unknown = columns.unknown.length > 0 && { unknownColumns: columns.unknown };
  const original = await storeOriginal(file, columns);
  if ("problem" in original) {
    return { ...known, ...unknown, ...(await refuse(file, original.problem, columns)) };
  }
  if (await storeTableCopy(file, columns)) await labelAsFetched(file);
  return { ...known, ...unknown, outcome: original.outcome };
}

async function refuse(
  file: FetchedFile,
  reason: string,
  columns?: MatchedColumns,
): Promise<Pick<FileReport, "outcome" | "reason" | "keptAside">> {
  const { archive, download, signal } = file;
  if (download.head.length === 0) return { outcome: "failed", reason };
  const key = refusedKey(file.event, file.date, download.sha256);
  // Without a valid header, the first line may be a row: it must not be named.
  const metadata = metadataOf(file, columns?.names ?? []);
  await archive.upload(key, bytesOf(download.path), { contentType, metadata, signal, ifAbsent: true });
  return { outcome: "failed", reason, keptAside: key };
}
