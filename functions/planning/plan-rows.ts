import * as z from "zod";
import {
  type Change,
  changeSchema,
  type Group,
  groups,
  type PlanChunk,
  type PlanSummary,
} from "../domain/plan.ts";
import { UnusablePlanError } from "../domain/plan-errors.ts";
import { type Return, returnSchema } from "../domain/return.ts";
import { readChunk } from "../platform/storage/ndjson-chunks.ts";
import { planChunkKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { type Samples, samplesPerGroup } from "./shown-plan.ts";

const changesSchema = z.array(changeSchema);
const returnsSchema = z.array(returnSchema);

/** Names a stored plan. */
export interface PlanName {
  readonly list: string;
  readonly planId: string;
}

/** @throws UnusablePlanError when the chunk is missing, or is not the one that was stored with the plan */
export async function readChanges(store: ObjectStore, plan: PlanName, chunk: PlanChunk): Promise<Change[]> {
  return changesSchema.parse(await readRows(store, plan, chunk));
}

/** @throws as readChanges */
export async function readReturns(store: ObjectStore, plan: PlanName, chunk: PlanChunk): Promise<Return[]> {
  return returnsSchema.parse(await readRows(store, plan, chunk));
}

/** The first rows of each group of a stored plan. @throws as readChanges */
export async function readSamples(store: ObjectStore, plan: PlanSummary): Promise<Samples> {
  const samples = new Map<Group, (Change | Return)[]>(groups.map((group) => [group, []]));
  for (const chunk of plan.chunks) {
    const sampled = samples.get(chunk.group)!;
    const missing = samplesPerGroup - sampled.length;
    if (missing <= 0) continue;
    const read = chunk.group === "return" ? readReturns : readChanges;
    sampled.push(...(await read(store, plan, chunk)).slice(0, missing));
  }
  return samples;
}

async function readRows(
  store: ObjectStore,
  { list, planId }: PlanName,
  chunk: PlanChunk,
): Promise<unknown[]> {
  const rows = await readChunk(store, planChunkKey(list, planId, chunk), chunk.sha256);
  if (rows !== undefined) return rows;
  throw new UnusablePlanError(planId, `its chunk ${chunk.group} ${chunk.number} is missing or was altered`);
}
