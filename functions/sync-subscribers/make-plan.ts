import type { PlanChunk, PlanSummary } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import { createPlanner } from "../planning/create-planner.ts";
import type { NamedList } from "../planning/named-list.ts";
import { type ReadDependencies, readBothSides } from "../planning/read-both-sides.ts";
import type { Samples } from "../planning/shown-plan.ts";
import { storePlan } from "../planning/store-plan.ts";
import { type PlannedChanges, summarisePlan } from "../planning/summarise-plan.ts";
import type { Run } from "../platform/run.ts";
import type { RunHistory } from "../platform/storage/history/run-history.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import { planSummaryKey, planTextKey } from "../platform/storage/object-keys.ts";
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
  readonly history?: RunHistory | undefined;
}

/** A stored plan, and the limits that it exceeds. */
export interface CheckedPlan {
  readonly plan: PlanSummary;
  readonly refusals: readonly Refusal[];
}

/** Reads both sides, decides on every address, and checks and stores the plan. Nothing is written to the provider. */
export async function makePlan(
  list: NamedList,
  dependencies: PlanDependencies,
  run: Run<SyncReport>,
): Promise<CheckedPlan> {
  const bothSides = await readBothSides(list, dependencies, run);
  const planner = await createPlanner(bothSides, dependencies.memory);
  const { chunks, samples } = await storeRows({ list, planner }, dependencies, run);
  dependencies.history?.writePlan();
  const plan = summarisePlan({ list, planner, bothSides, chunks }, run);
  const keys = { summary: planSummaryKey(list.name, run.id), text: planTextKey(list.name, run.id) };
  const refusals = await storePlan({ plan, samples, keys }, { ...dependencies, list, run });
  return { plan, refusals };
}

/** Decides on every address, and stores what is to be done. */
async function storeRows(
  { list, planner }: Pick<PlannedChanges, "list" | "planner">,
  { provider, store, quarantine, history }: PlanDependencies,
  run: Run<SyncReport>,
): Promise<{ readonly chunks: readonly PlanChunk[]; readonly samples: Samples }> {
  const { batchSize, returns } = list.configuration;
  const rows = new PlanWriter(
    store,
    { list: list.name, planId: run.id },
    Math.min(batchSize, provider.maxBatchRows),
  );
  for (const step of planner.steps()) {
    run.signal.throwIfAborted();
    if (step.kind === "rejected") await quarantine.reject(step);
    else if (step.kind !== "return" || returns !== undefined) {
      history?.addPlanned(step);
      await rows.add(step);
    }
  }
  const [chunks] = await Promise.all([rows.finish(), quarantine.finish()]);
  return { chunks, samples: rows.samples };
}
