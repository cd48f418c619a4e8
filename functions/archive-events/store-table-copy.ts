import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { parse } from "csv-parse";
import { stringify } from "csv-stringify";
import { eventsKey, tableKey } from "../platform/storage/object-keys.ts";
import type { DownloadedFile } from "./download-body.ts";
import { csvDialect, type MatchedColumns } from "./match-columns.ts";
import { retryOnConflict } from "./retry-on-conflict.ts";
import { bytesOf, contentType, type FetchedFile } from "./store-original.ts";

/** Longer rows fail the file rather than fill the memory. */
const maxRowBytes = 1 << 20;

/**
 * Stores the copy of a file that Athena reads. Athena's CSV reader ends a row at every line break, quoted or not, takes
 * columns by position, and drops backslashes. So the copy has the documented columns in their order, each row on one
 * line, and every backslash doubled.
 *
 * @returns whether the original is still this file; if not, the run that replaced it stores the copy
 */
export async function storeTableCopy(file: FetchedFile): Promise<boolean> {
  const { archive, download, signal } = file;
  const key = tableKey(file.event, file.date);
  const metadata = { "original-sha256": download.sha256, rows: String(download.rows) };
  return await retryOnConflict(async () => {
    // The copy first: one that another run writes after this look at the original is then not overwritten.
    const stored = await archive.describe(key);
    const original = await archive.describe(eventsKey(file.event, file.date));
    if (original?.metadata["sha256"] !== download.sha256) return false;
    if (stored?.metadata["original-sha256"] === download.sha256) return true;
    const condition = stored === undefined ? { ifAbsent: true } : { ifMatch: stored.etag };
    const chunks = isReadable(download) ? bytesOf(download.path) : rewrite(download);
    await archive.upload(key, chunks, { contentType, metadata, signal, ...condition });
    // Written or not: another run may have replaced the original meanwhile, so both are looked at again.
    return undefined;
  });
}

/** Whether the file's columns are those of the table, by name and in order, each row on one line. */
function isReadable({ isPlain, columns: { names, table, positions } }: DownloadedFile): boolean {
  const isInPlace = positions.every((position, index) => position === index);
  return isPlain && isInPlace && names.every((name, position) => name === table[position]);
}

async function* rewrite({ path, columns }: DownloadedFile): AsyncGenerator<Buffer> {
  yield* pipeline(
    createReadStream(path),
    createGunzip(),
    parse({ ...csvDialect, max_record_size: maxRowBytes, on_record: arrangeBy(columns) }),
    stringify({ quoted_match: /\\/ }),
    createGzip(),
    // The reader of the last stream receives an error of any of them.
    () => undefined,
  );
}

/** Turns each of the file's rows, the header included, into one of the table. */
function arrangeBy({ table, positions }: MatchedColumns): (record: string[]) => string[] {
  let isHeader = true;
  return (record) => {
    const values = isHeader ? table : positions.map((position) => record[position] ?? "");
    isHeader = false;
    return values.map(readable);
  };
}

/** To Athena a backslash is an escape character; within quotes, two stand for one. */
function readable(value: string): string {
  return value.replace(/[\r\n]+/g, " ").replaceAll("\\", "\\\\");
}
