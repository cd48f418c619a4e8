import { type PlanSummary, planSummarySchema } from "../domain/plan.ts";
import { UnusablePlanError } from "../domain/plan-errors.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

/** A stored plan, and the key of its summary. */
export interface StoredPlan {
  readonly list: string;
  readonly planId: string;
  readonly key: string;
}

export async function writeSummary(store: ObjectStore, key: string, summary: PlanSummary): Promise<void> {
  await store.put(key, Buffer.from(JSON.stringify(summary, null, 2)));
}

/** @throws UnusablePlanError when the list has no such plan, or the plan is damaged or has expired */
export async function readSummary(
  store: ObjectStore,
  { list, planId, key }: StoredPlan,
  now: Date,
): Promise<PlanSummary> {
  const object = await store.get(key);
  if (object === undefined) {
    throw new UnusablePlanError(planId, `the list "${list}" has no stored plan with that id`);
  }
  const summary = parseSummary(object.bytes);
  if (summary === undefined)
    throw new UnusablePlanError(planId, "its summary is damaged, or of another version");
  if (Date.parse(summary.expiresAt) <= now.getTime()) {
    throw new UnusablePlanError(planId, `it expired at ${summary.expiresAt}`);
  }
  return summary;
}

/** @returns undefined if it is damaged, or of another version */
export function parseSummary(bytes: Uint8Array): PlanSummary | undefined {
  try {
    return planSummarySchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}
