import { stringify } from "csv-stringify/sync";
import type { DesiredSubscriber } from "../domain/subscriber.ts";
import type { Run } from "../platform/run.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import { importKey } from "../platform/storage/object-keys.ts";
import type { ImportedFile, ImportReport } from "./report.ts";

/** What to quote beyond RFC 4180: what a reader might take for a delimiter, or trim. */
const csvOptions = { quoted_match: /[;\t\r]|^\s|\s$/ };

export interface WriteOptions {
  readonly files: FileStore;
  readonly list: string;
  /** The fields to write, in this order: `guid` and `data_*`. */
  readonly columns: readonly string[];
  readonly rowsPerFile: number;
}

/**
 * Writes rows, as they come, into CSV files of at most `rowsPerFile` rows, each with a header. A file appears when it is
 * whole. `run.report.files` lists every file that was begun.
 *
 * An active reader's `subscribed` stays empty, so that the provider subscribes new readers and cannot resubscribe one
 * who opted out.
 */
export async function writeFiles(
  rows: AsyncIterable<DesiredSubscriber[]>,
  { files, list, columns, rowsPerFile }: WriteOptions,
  run: Run<ImportReport>,
): Promise<ImportedFile[]> {
  const written: ImportedFile[] = [];
  run.report.files = written;
  const header = stringify([["email", "subscribed", "unsubscribed_cause", ...columns]]);
  const slices = cut(rows, rowsPerFile)[Symbol.asyncIterator]();
  let next = await slices.next();
  let rowsWritten = 0;

  async function* csvOf(file: ImportedFile): AsyncGenerator<Uint8Array> {
    yield encode(header, file);
    while (!next.done && file.rows < rowsPerFile) {
      const slice = next.value;
      file.rows += slice.length;
      rowsWritten += slice.length;
      run.progress("writing the files", rowsWritten);
      yield encode(
        stringify(
          slice.map((row) => valuesOf(row, columns)),
          csvOptions,
        ),
        file,
      );
      next = await slices.next();
    }
  }

  while (!next.done) {
    const file: ImportedFile = { key: importKey(list, run.id, written.length), rows: 0, bytes: 0 };
    written.push(file);
    await files.upload(file.key, csvOf(file), { contentType: "text/csv; charset=utf-8", signal: run.signal });
  }
  return written;
}

function encode(csv: string, file: ImportedFile): Uint8Array {
  const bytes = Buffer.from(csv);
  file.bytes += bytes.length;
  return bytes;
}

/** An unsubscribed row has no guid, because an active reader of the list may have the same one. */
function valuesOf({ email, subscribed, cause, fields }: DesiredSubscriber, columns: readonly string[]) {
  const status = subscribed ? ["", ""] : ["false", cause ?? "PUBLISHER"];
  const valueIn = (column: string) => (column === "guid" && !subscribed ? "" : (fields[column] ?? ""));
  return [email, ...status, ...columns.map(valueIn)];
}

/** Cuts batches so that no slice spans two files. */
async function* cut<Row>(batches: AsyncIterable<Row[]>, rowsPerFile: number): AsyncGenerator<Row[]> {
  let inFile = 0;
  for await (const batch of batches) {
    for (let start = 0; start < batch.length; ) {
      const slice = batch.slice(start, start + rowsPerFile - inFile);
      yield slice;
      start += slice.length;
      inFile = (inFile + slice.length) % rowsPerFile;
    }
  }
}
