import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { parse } from "csv-parse";
import { stringify } from "csv-stringify";
import { eventsKey, tableKey } from "../platform/storage/object-keys.ts";
import { csvDialect, type MatchedColumns } from "./match-columns.ts";
import { retryOnConflict } from "./retry-on-conflict.ts";
import { bytesOf, contentType, type FetchedFile } from "./store-original.ts";

/** What a row may have at the most, so that none fills the memory. */
const longestRow = 1 << 20;

/**
 * Stores what Athena reads of a file: its CSV reader ends a row at every line break, quoted or not, takes columns
 * by their place, and drops backslashes. So the copy has the documented columns in their order, each row on one line,
 * and backslashes in twos.
 *
 * @returns whether the original still is this file; if not, the copy is the business of whoever replaced it
 */
export async function storeTableCopy(file: FetchedFile, columns: MatchedColumns): Promise<boolean> {
  const { archive, spooled, signal } = file;
  const key = tableKey(file.event, file.date);
  const metadata = { "original-sha256": spooled.sha256, rows: String(spooled.rows) };
  return await retryOnConflict(async () => {
    // In this order: a copy that another run writes once the original was looked at is not overwritten.
    const standing = await archive.describe(key);
    const original = await archive.describe(eventsKey(file.event, file.date));
    if (original?.metadata["sha256"] !== spooled.sha256) return false;
    if (standing?.metadata["original-sha256"] === spooled.sha256) return true;
    const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
    const chunks = isReadable(file, columns) ? bytesOf(spooled.path) : rewritten(spooled.path, columns);
    await archive.upload(key, chunks, { contentType, metadata, signal, ...condition });
    // Written or not, another run may have replaced the original meanwhile: both are looked at again.
    return undefined;
  });
}

function isReadable({ spooled }: FetchedFile, { positions }: MatchedColumns): boolean {
  return spooled.isPlain && positions.every((position, index) => position === index);
}

async function* rewritten(path: string, columns: MatchedColumns): AsyncGenerator<Buffer> {
  yield* pipeline(
    createReadStream(path),
    createGunzip(),
    parse({ ...csvDialect, max_record_size: longestRow, on_record: arrangeBy(columns) }),
    stringify({ quoted_match: /\\/ }),
    createGzip(),
    // Whoever reads its end gets the error of any part.
    () => undefined,
  );
}

/** Makes a row of the table of each of the file's, the header included; values that no column names come last. */
function arrangeBy({ names, table, positions }: MatchedColumns): (record: string[]) => string[] {
  let isHeader = true;
  return (record) => {
    const named = isHeader ? table : positions.map((position) => record[position] ?? "");
    isHeader = false;
    return [...named, ...record.slice(names.length)].map(readable);
  };
}

/** To Athena a backslash is an escape, and within quotes two stand for one. */
function readable(value: string): string {
  return value.replace(/[\r\n]+/g, " ").replaceAll("\\", "\\\\");
}
