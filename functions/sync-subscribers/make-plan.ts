import type { ListConfiguration } from "../configuration.ts";
import { SourceError } from "../domain/errors.ts";
import type { PlanSummary } from "../domain/plan.ts";
import { note, type Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { writeChanges, writeSummary } from "./plan-store.ts";
import { type BothSides, type ReadDependencies, readBothSides } from "./read-both-sides.ts";
import type { SyncReport } from "./report.ts";

/** How long a stored plan may be approved: after that, too much may have changed in the database. */
const planLifetimeMs = 24 * 60 * 60 * 1000;

export interface PlanDependencies extends ReadDependencies {
  readonly store: ObjectStore;
}

/** A list's name and what the configuration says of it. */
export interface NamedList {
  readonly name: string;
  readonly configuration: ListConfiguration;
}

/** Reads both sides, decides on every address and stores the plan. Nothing is written to the provider. */
export async function makePlan(
  list: NamedList,
  dependencies: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const bothSides = await readBothSides(list, dependencies, run);
  return await storePlan({ list, ...bothSides }, dependencies, run);
}

async function storePlan(
  { list, planner, sourceReadAt }: BothSides & { readonly list: NamedList },
  { provider, store, quarantine }: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const rejectedRows = quarantine.rows;
  const { counts } = planner;
  const batchSize = Math.min(list.configuration.batchSize, provider.maxBatchRows);
  const changes = writeChanges(store, { list: list.name, planId: run.id }, batchSize);
  for (const step of planner.steps()) {
    run.signal.throwIfAborted();
    if (step.kind === "rejected") await quarantine.add({ email: step.email, reason: step.reason });
    else await changes.add(step);
  }
  await Promise.all([changes.finish(), quarantine.finish()]);
  counts.desired.rejected += rejectedRows;
  if (counts.desired.subscribed + counts.desired.unsubscribed === 0) {
    const problem = `none of its ${counts.desired.rejected} rows has an address that a provider would take`;
    throw new SourceError("its rows", problem);
  }
  if (counts.desired.sharedGuids > 0) {
    note(
      run,
      `rows sent without their guid, because another row has the same one: ${counts.desired.sharedGuids}`,
    );
  }
  const summary: PlanSummary = {
    planId: run.id,
    list: list.name,
    createdAt: run.startedAt.toISOString(),
    sourceReadAt: new Date(sourceReadAt).toISOString(),
    expiresAt: new Date(run.startedAt.getTime() + planLifetimeMs).toISOString(),
    columns: [...planner.columns],
    ...counts,
    chunks: changes.chunks.map(({ rows, sha256 }) => ({ changes: rows, sha256 })),
  };
  await writeSummary(store, summary);
  return summary;
}
