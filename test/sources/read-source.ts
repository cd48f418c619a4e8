import type { OpenSource, SourceRow } from "../../functions/sources/source.ts";

/** A row's place, and then its values. */
export type PlacedRow = readonly [place: string, ...values: SourceRow];

/** Reads a source whole and closes it, even if it fails. */
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
