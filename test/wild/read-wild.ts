import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import { csvRows } from "../../functions/sources/csv/csv-rows.ts";
import { desiredRows } from "../../functions/sources/desired-rows.ts";
import { openUri } from "../sources/csv/csv-files.ts";

/** Reads a file to its end, and what each of its rows wants. */
export async function readSubscribers(uri: string, encoding = "utf-8") {
  const source = await openUri(uri, { encoding });
  const wanted: DesiredSubscriber[] = [];
  const rejected: string[] = [];
  try {
    const rows = desiredRows(source.columns, "Europe/Paris");
    for await (const batch of source.batches()) {
      for (const [position, values] of batch.rows.entries()) {
        const row = rows.read(values, () => batch.placeOf(position));
        if ("reason" in row) rejected.push(row.reason);
        else wanted.push(row);
      }
    }
  } finally {
    await source.close();
  }
  return { wanted, rejected };
}

/** The rows, the header first, of bytes that come in pieces of a size. */
export async function readChunks(
  bytes: Uint8Array,
  { chunkBytes, encoding = "utf-8" }: { chunkBytes: number; encoding?: string },
): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of csvRows(cut(Buffer.from(bytes), chunkBytes), encoding)) rows.push(...batch.rows);
  return rows;
}

async function* cut(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
