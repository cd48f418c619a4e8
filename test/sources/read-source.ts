import type { OpenSource } from "../../functions/sources/source.ts";
import type { SourceBatch, SourceRow } from "../../functions/sources/source-batch.ts";

/** A row's place, and then its values. */
export type PlacedRow = readonly [place: string, ...values: SourceRow];

/** Reads a source whole and closes it, even if it fails. */
export async function readAll(source: OpenSource): Promise<PlacedRow[]> {
  try {
    return await readBatches(source.batches());
  } finally {
    await source.close();
  }
}

export async function readBatches(batches: AsyncIterable<SourceBatch>): Promise<PlacedRow[]> {
  const rows: PlacedRow[] = [];
  for await (const batch of batches) {
    while (batch.next()) rows.push([batch.place(), ...batch.row()]);
  }
  return rows;
}
