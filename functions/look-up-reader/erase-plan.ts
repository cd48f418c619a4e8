import { createHash } from "node:crypto";
import type { PlanChunk } from "../domain/plan.ts";
import { parseSummary } from "../planning/stored-summary.ts";
import { planChunkKey } from "../platform/storage/object-keys.ts";
import {
  eraseFromObject,
  type RowsLeft,
  rowsLeftIn,
  type StoredErasure,
  writeRowsLeft,
} from "./erase-stored.ts";

/**
 * Takes the reader out of all that is stored of one plan. Its summary says first what the chunks are going to hold: so the
 * rest of the plan can still be approved, even if the erasure ends in between and is begun again.
 *
 * @param keys of its objects
 */
export async function erasePlan(keys: readonly string[], erasure: StoredErasure): Promise<void> {
  const left = new Map<string, RowsLeft>();
  for (const key of keys.filter((key) => key.endsWith(".ndjson.gz"))) {
    const rows = await rowsLeftIn(key, erasure);
    if (rows !== undefined) left.set(key, rows);
  }
  const summary = keys.find((key) => key.endsWith("/summary.json"));
  if (summary !== undefined && left.size > 0) await describeAnew(summary, left, erasure);
  for (const [key, rows] of left) await writeRowsLeft(key, rows, erasure);
  const others = keys.filter((key) => key !== summary && !key.endsWith(".ndjson.gz"));
  for (const key of others) await eraseFromObject(key, erasure);
}

async function describeAnew(
  key: string,
  left: ReadonlyMap<string, RowsLeft>,
  { store }: StoredErasure,
): Promise<void> {
  const object = await store.get(key);
  const summary = object && parseSummary(object.bytes);
  // What is damaged cannot be approved anyhow.
  if (summary === undefined) return;
  const describe = (chunk: PlanChunk): PlanChunk[] => {
    const ofChunk = left.get(planChunkKey(summary.list, summary.planId, chunk));
    if (ofChunk === undefined) return [chunk];
    const { rows, ndjson } = ofChunk;
    const sha256 = createHash("sha256").update(ndjson).digest("hex");
    return rows === 0 ? [] : [{ ...chunk, changes: rows, sha256 }];
  };
  const chunks = summary.chunks.flatMap(describe);
  await store.put(key, Buffer.from(JSON.stringify({ ...summary, chunks }, null, 2)));
}
