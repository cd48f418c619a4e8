import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import { parseCsv } from "../../functions/sources/csv/parse-csv.ts";
import { createRowParser } from "../../functions/sources/row-parser.ts";
import type { SourceRow } from "../../functions/sources/source-batch.ts";
import { openUri } from "../sources/csv/csv-files.ts";
import { readBatches } from "../sources/read-source.ts";

/** Reads and parses all rows of a file. */
export async function readSubscribers(uri: string, encoding = "utf-8") {
  const source = await openUri(uri, { encoding });
  const wanted: DesiredSubscriber[] = [];
  const rejected: string[] = [];
  try {
    const parser = createRowParser(source.columns, { timeZone: "Europe/Paris", readAt: source.readAt });
    for await (const batch of source.batches()) {
      while (batch.next()) {
        const row = parser.parse(batch.row(), () => batch.place());
        if ("reason" in row) rejected.push(row.reason);
        else wanted.push(row);
      }
    }
  } finally {
    await source.close();
  }
  return { wanted, rejected };
}

/** Parses a CSV that arrives in chunks of a given size. The header is the first row. */
export async function readChunks(
  bytes: Uint8Array,
  { chunkBytes, encoding = "utf-8" }: { chunkBytes: number; encoding?: string },
): Promise<SourceRow[]> {
  const rows = await readBatches(parseCsv(cut(Buffer.from(bytes), chunkBytes), encoding));
  return rows.map(([, ...values]) => values);
}

async function* cut(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
