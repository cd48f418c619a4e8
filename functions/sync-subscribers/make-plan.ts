import type { PlanSummary } from "../domain/plan.ts";
import { createPlanner } from "../planning/create-planner.ts";
import type { NamedList } from "../planning/named-list.ts";
import { type ReadDependencies, readBothSides } from "../planning/read-both-sides.ts";
import { writeSummary } from "../planning/stored-summary.ts";
import { type PlannedChanges, summarisePlan } from "../planning/summarise-plan.ts";
import type { Run } from "../platform/run.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import { planSummaryKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import { PlanWriter } from "./plan-store.ts";
import type { SyncReport } from "./report.ts";

export interface PlanDependencies extends ReadDependencies {
  readonly provider: Provider;
  readonly quarantine: Quarantine;
  readonly store: ObjectStore;
  readonly memory: ListMemory;
}

/** Reads both sides, decides on every address and stores the plan. Nothing is written to the provider. */
export async function makePlan(
  list: NamedList,
  dependencies: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const bothSides = await readBothSides(list, dependencies, run);
  const planner = await createPlanner(bothSides, dependencies.memory);
  return await storePlan({ list, planner, bothSides }, dependencies, run);
}

async function storePlan(
  { list, planner, bothSides }: Pick<PlannedChanges, "list" | "planner" | "bothSides">,
  { provider, store, quarantine }: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const { batchSize, returns } = list.configuration;
  const rows = new PlanWriter(
    store,
    { list: list.name, planId: run.id },
    Math.min(batchSize, provider.maxBatchRows),
  );
  for (const step of planner.steps()) {
    run.signal.throwIfAborted();
    if (step.kind === "rejected") await quarantine.add({ email: step.email, reason: step.reason });
    else if (step.kind !== "return" || returns !== undefined) await rows.add(step);
  }
  const [chunks] = await Promise.all([rows.finish(), quarantine.finish()]);
  const summary = summarisePlan({ list, planner, bothSides, chunks }, run);
  await writeSummary(store, planSummaryKey(list.name, run.id), summary);
  return summary;
}
