import * as z from "zod";
import type { PlanSummary } from "../../functions/domain/plan.ts";
import { readSamples } from "../../functions/planning/plan-rows.ts";
import type { Samples } from "../../functions/planning/shown-plan.ts";
import { readSummary } from "../../functions/planning/stored-summary.ts";
import { planSummaryKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { withExchange } from "./exchange.ts";

/** A stored plan, for a person to read. */
export interface StoredPlan {
  readonly plan: PlanSummary;
  readonly samples: Samples;
  /** Those of the run that made it. */
  readonly notes: readonly string[];
}

/** What is needed of a report: of a sync that planned, and did not carry out what a person had approved. */
const reportSchema = z.object({
  list: z.string(),
  mode: z.string(),
  planId: z.string(),
  notes: z.array(z.string()).default([]),
  approval: z.undefined().optional(),
});

/**
 * Reads the plan that a run made, with the bucket and the endpoint in a function's environment.
 *
 * @param reportKey of the run's stored report
 * @returns undefined if the run made none
 */
export async function readPlanOf(
  environment: Readonly<Record<string, string>>,
  reportKey: string,
): Promise<StoredPlan | undefined> {
  return await withExchange(environment, async ({ store }) => {
    const { bytes } = (await store.get(reportKey)) ?? { bytes: Buffer.from("{}") };
    const { data: report } = reportSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
    return report && (await readPlan(store, report));
  });
}

async function readPlan(
  store: ObjectStore,
  { list, planId, notes }: z.infer<typeof reportSchema>,
): Promise<StoredPlan> {
  const plan = await readSummary(store, { list, planId, key: planSummaryKey(list, planId) }, new Date());
  return { plan, samples: await readSamples(store, plan), notes };
}
