import * as z from "zod";
import { UnusablePlanError } from "../domain/errors.ts";
import { type Change, changeSchema, type PlanSummary, planSummarySchema } from "../domain/plan.ts";
import { NdjsonChunks, readChunk } from "../platform/storage/ndjson-chunks.ts";
import { planChunkKey, planSummaryKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

const changesSchema = z.array(changeSchema);

/** Collects a plan's changes while it is being made; each stored chunk becomes one batch. */
export function writeChanges(
  store: ObjectStore,
  plan: { list: string; planId: string },
  batchSize: number,
): NdjsonChunks<Change> {
  return new NdjsonChunks(store, batchSize, (chunk) => planChunkKey(plan.list, plan.planId, chunk));
}

export async function writeSummary(store: ObjectStore, summary: PlanSummary): Promise<void> {
  await store.put(
    planSummaryKey(summary.list, summary.planId),
    Buffer.from(JSON.stringify(summary, null, 2)),
  );
}

/** @throws UnusablePlanError when the list has no such plan, or the plan has expired */
export async function readSummary(
  store: ObjectStore,
  { list, planId }: { list: string; planId: string },
  now: Date,
): Promise<PlanSummary> {
  const object = await store.get(planSummaryKey(list, planId));
  if (object === undefined) {
    throw new UnusablePlanError(planId, `the list "${list}" has no stored plan with that id`);
  }
  const summary = planSummarySchema.parse(JSON.parse(Buffer.from(object.bytes).toString()));
  if (Date.parse(summary.expiresAt) <= now.getTime()) {
    throw new UnusablePlanError(planId, `it expired at ${summary.expiresAt}`);
  }
  return summary;
}

/** @throws UnusablePlanError when the chunk is missing, or is not the one that was stored with the plan */
export async function readChanges(
  store: ObjectStore,
  summary: PlanSummary,
  chunk: number,
): Promise<Change[]> {
  const { list, planId, chunks } = summary;
  const rows = await readChunk(store, planChunkKey(list, planId, chunk), chunks[chunk]!.sha256);
  if (rows === undefined) {
    throw new UnusablePlanError(planId, `its chunk ${chunk} is missing or was altered`);
  }
  return changesSchema.parse(rows);
}
