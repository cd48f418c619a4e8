import type { OpenSource, SourceRow } from "../../functions/sources/source.ts";

/** A row as a test compares it: its place, then its values. */
export type PlacedRow = readonly [place: string, ...values: SourceRow];

/** Reads a source to its end and closes it, whether it fails or not. */
export async function readAll(source: OpenSource): Promise<PlacedRow[]> {
  const rows: PlacedRow[] = [];
  try {
    for await (const batch of source.batches()) {
      for (const [position, row] of batch.rows.entries()) rows.push([batch.placeOf(position), ...row]);
    }
  } finally {
    await source.close();
  }
  return rows;
}
