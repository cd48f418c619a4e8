import type { ListConfiguration } from "../configuration.ts";
import { Planner } from "../domain/diff/planner.ts";
import { SourceError } from "../domain/errors.ts";
import type { PlanCounts, PlanSummary } from "../domain/plan.ts";
import type { Remembered } from "../domain/remembered.ts";
import { type BothSides, type ReadDependencies, readBothSides } from "../planning/read-both-sides.ts";
import { note, type Run } from "../platform/run.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { NamedList } from "./job.ts";
import { PlanWriter, writeSummary } from "./plan-store.ts";
import type { SyncReport } from "./report.ts";

/** How long a stored plan may be approved: after that, too much may have changed in the database. */
const planLifetimeMs = 24 * 60 * 60 * 1000;

export interface PlanDependencies extends ReadDependencies {
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
  return await storePlan({ list, planner, ...bothSides }, dependencies, run);
}

/** Loads of the memory what the decisions depend on. */
export async function createPlanner({ differences }: BothSides, memory: ListMemory): Promise<Planner> {
  const nothing: Pick<Remembered, "lastActOn"> = { lastActOn: () => undefined };
  const acts = differences.dependsOnActs ? await memory.acts() : nothing;
  const refusals = await memory.refusals();
  return new Planner(differences, {
    lastActOn: (canonical) => acts.lastActOn(canonical),
    wasRefused: (change) => refusals.wasRefused(change),
  });
}

async function storePlan(
  plan: BothSides & { readonly list: NamedList; readonly planner: Planner },
  { provider, store, quarantine }: PlanDependencies,
  run: Run<SyncReport>,
): Promise<PlanSummary> {
  const { list, planner, sourceReadAt, rejectedRows, unreadableConsents } = plan;
  const { counts } = planner;
  const batchSize = Math.min(list.configuration.batchSize, provider.maxBatchRows);
  const changes = new PlanWriter(store, { list: list.name, planId: run.id }, batchSize);
  for (const step of planner.steps()) {
    run.signal.throwIfAborted();
    if (step.kind === "rejected") await quarantine.add({ email: step.email, reason: step.reason });
    else await changes.add(step);
  }
  const [chunks] = await Promise.all([changes.finish(), quarantine.finish()]);
  counts.desired.rejected += rejectedRows;
  counts.desired.unreadableConsents = unreadableConsents;
  const { subscribed, unsubscribed, undecided, rejected } = counts.desired;
  if (subscribed + unsubscribed + undecided === 0) {
    const problem = `none of its ${rejected} rows has an address that a provider would take`;
    throw new SourceError("its rows", problem);
  }
  for (const text of notesOn(counts, list.configuration)) note(run, text);
  const summary: PlanSummary = {
    planId: run.id,
    list: list.name,
    createdAt: run.startedAt.toISOString(),
    sourceReadAt: new Date(sourceReadAt).toISOString(),
    expiresAt: new Date(run.startedAt.getTime() + planLifetimeMs).toISOString(),
    columns: [...planner.columns],
    ...counts,
    chunks,
  };
  await writeSummary(store, summary);
  return summary;
}

function* notesOn({ desired, kept }: PlanCounts, { graceHours }: ListConfiguration): Generator<string> {
  if (desired.sharedGuids > 0) {
    yield `rows sent without their guid, because another row has the same one: ${desired.sharedGuids}`;
  }
  if (kept.grace > 0) {
    yield `readers who subscribed at the provider within ${graceHours} hours and are not in the database: ${kept.grace}`;
  }
  if (kept.recent > 0)
    yield `readers who subscribed at the provider after the database was read: ${kept.recent}`;
  if (kept.refused > 0)
    yield `changes that wait for a week, as the provider refused the same row: ${kept.refused}`;
}
