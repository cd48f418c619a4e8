import { S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";
import { type Change, type Group, groups, type PlanSummary } from "../../functions/domain/plan.ts";
import type { Return } from "../../functions/domain/return.ts";
import { type Samples, samplesPerGroup } from "../../functions/planning/shown-plan.ts";
import { readSummary } from "../../functions/planning/stored-summary.ts";
import { planSummaryKey } from "../../functions/platform/storage/object-keys.ts";
import { createObjectStore, type ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { readChanges, readReturns } from "../../functions/sync-subscribers/plan-store.ts";

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
  const s3 = s3Of(environment);
  try {
    const store = createObjectStore(s3, environment["EXCHANGE_BUCKET"] ?? "");
    const { bytes } = (await store.get(reportKey)) ?? { bytes: Buffer.from("{}") };
    const { data: report } = reportSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
    return report && (await readPlan(store, report));
  } finally {
    s3.destroy();
  }
}

/** With the user's own credentials where the environment has none: those of a profile, for example. */
function s3Of(environment: Readonly<Record<string, string>>): S3Client {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN: sessionToken } = environment;
  const endpoint = environment["AWS_ENDPOINT_URL_S3"];
  return new S3Client({
    region: environment["AWS_REGION"] ?? "",
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(AWS_ACCESS_KEY_ID && {
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        ...(sessionToken && { sessionToken }),
      },
    }),
  });
}

async function readPlan(
  store: ObjectStore,
  { list, planId, notes }: z.infer<typeof reportSchema>,
): Promise<StoredPlan> {
  const plan = await readSummary(store, { list, planId, key: planSummaryKey(list, planId) }, new Date());
  const samples = new Map<Group, (Change | Return)[]>(groups.map((group) => [group, []]));
  for (const chunk of plan.chunks) {
    const sampled = samples.get(chunk.group)!;
    const missing = samplesPerGroup - sampled.length;
    if (missing <= 0) continue;
    const read = chunk.group === "return" ? readReturns : readChanges;
    sampled.push(...(await read(store, plan, chunk)).slice(0, missing));
  }
  return { plan, samples, notes };
}
