import { createHash } from "node:crypto";
import { type PlanChunk, planSummarySchema } from "../domain/plan.ts";
import { planChunkKey } from "../platform/storage/object-keys.ts";
import { eraseFromObject, type Left, type StoredErasure } from "./erase-stored.ts";

/**
 * Takes the reader out of all that is stored of one plan. Its summary then says what the chunks hold, so that the rest of
 * the plan can still be approved.
 *
 * @param keys of its objects
 */
export async function erasePlan(keys: readonly string[], erasure: StoredErasure): Promise<void> {
  const changed = new Map<string, Left>();
  for (const key of keys.filter((key) => !key.endsWith("/summary.json"))) {
    const left = await eraseFromObject(key, erasure);
    if (left !== undefined) changed.set(key, left);
  }
  const summary = keys.find((key) => key.endsWith("/summary.json"));
  if (summary !== undefined && changed.size > 0) await describeAnew(summary, changed, erasure);
}

async function describeAnew(
  key: string,
  changed: ReadonlyMap<string, Left>,
  { store }: StoredErasure,
): Promise<void> {
  const object = await store.get(key);
  const summary =
    object && planSummarySchema.safeParse(JSON.parse(Buffer.from(object.bytes).toString())).data;
  if (summary === undefined) return;
  const describe = (chunk: PlanChunk): PlanChunk[] => {
    const left = changed.get(planChunkKey(summary.list, summary.planId, chunk));
    if (left === undefined) return [chunk];
    const sha256 = createHash("sha256").update(left.ndjson).digest("hex");
    return left.rows === 0 ? [] : [{ ...chunk, changes: left.rows, sha256 }];
  };
  const chunks = summary.chunks.flatMap(describe);
  await store.put(key, Buffer.from(JSON.stringify({ ...summary, chunks }, null, 2)));
}
