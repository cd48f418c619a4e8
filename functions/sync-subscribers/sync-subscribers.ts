import { findList, type ListConfiguration } from "../configuration.ts";
import { UnsafePlanError } from "../domain/errors.ts";
import type { Change, PlanSummary } from "../domain/plan.ts";
import { findRefusals } from "../domain/safety.ts";
import type { Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { createQuarantine, type Quarantine } from "../platform/storage/quarantine.ts";
import { workOnList } from "../platform/work-on-list.ts";
import type { Provider } from "../providers/provider.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { applyPlan, nothingApplied } from "./apply-plan.ts";
import { goodSyncEvent, type SyncEvent } from "./event.ts";
import { makePlan, type NamedList } from "./make-plan.ts";
import { readSummary } from "./plan-store.ts";
import { readBothSides } from "./read-both-sides.ts";
import type { SyncReport } from "./report.ts";

export interface SyncDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  readonly store: ObjectStore;
  /** @param deadline when Lambda ends the function: the provider waits for nothing beyond it */
  providerOf(list: ListConfiguration, deadline: Date): Provider;
  openSource(list: ListConfiguration, signal: AbortSignal): Promise<SourceReading>;
}

interface Job {
  readonly list: NamedList;
  readonly provider: Provider;
  readonly quarantine: Quarantine;
  readonly dependencies: SyncDependencies;
  readonly run: Run<SyncReport>;
}

/**
 * Brings one list at the provider into the state that the publisher's database asks for: reads both sides, plans,
 * checks and applies. Given the id of a stored plan, applies that plan and nothing else.
 *
 * @throws UnsafePlanError when the plan exceeds a limit; OutOfTimeError when the function's time runs out;
 *   every other error unchanged
 */
export async function syncSubscribers(
  event: SyncEvent,
  dependencies: SyncDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const job = createJob(event, dependencies, run);
  run.report.mode = "mode" in event ? event.mode : "apply";
  const { store } = dependencies;
  const { requests } = job.provider;
  await workOnList({ list: event.list, store, requests, run, describeProgress }, () =>
    "apply" in event ? applyStoredPlan(job, event.apply) : planAndApply(job, event.mode),
  );
}

function createJob(event: SyncEvent, dependencies: SyncDependencies, run: Run<SyncReport>): Job {
  const configuration = findList(dependencies.lists, event.list, goodSyncEvent);
  return {
    list: { name: event.list, configuration },
    provider: dependencies.providerOf(configuration, run.deadline),
    quarantine: createQuarantine(dependencies.store, event.list, run.id),
    dependencies,
    run,
  };
}

async function planAndApply(job: Job, mode: "apply" | "plan"): Promise<void> {
  const { list, provider, quarantine, dependencies, run } = job;
  const { store } = dependencies;
  const openSource = () => dependencies.openSource(list.configuration, run.signal);
  const plan = await makePlan(list, { provider, store, quarantine, openSource }, run);
  const refusals = findRefusals(plan, list.configuration.limits);
  reportPlan(plan, refusals, run);
  if (mode === "plan") return;
  if (refusals.length > 0) {
    run.report.check = { safe: false, refusals, refused: true };
    throw new UnsafePlanError(refusals, { list: list.name, apply: plan.planId });
  }
  await applyPlan(plan, { provider, store, quarantine, isStale: () => false }, run);
}

/**
 * Applies a plan that a person has approved, so its limits are not checked again. Both sides are read again: a change
 * that they no longer call for is not sent, and neither is any change that the plan does not hold.
 */
async function applyStoredPlan(job: Job, planId: string): Promise<void> {
  const { list, provider, quarantine, dependencies, run } = job;
  const { store } = dependencies;
  const plan = await readSummary(store, { list: list.name, planId }, run.now());
  reportPlan(plan, findRefusals(plan, list.configuration.limits), run);
  const openSource = () => dependencies.openSource(list.configuration, run.signal);
  const options = { configuration: list.configuration, recentSince: Date.parse(plan.sourceReadAt) };
  const { planner } = await readBothSides(options, { provider, quarantine, openSource }, run);
  run.report.current = planner.counts.current;
  const isStale = (change: Change) => !planner.stillAsksFor(change);
  await applyPlan(plan, { provider, store, quarantine, isStale }, run);
}

function reportPlan(plan: PlanSummary, refusals: readonly string[], { report }: Run<SyncReport>): void {
  report.planId = plan.planId;
  report.check = { safe: refusals.length === 0, refusals, refused: false };
  report.current = plan.current;
  report.desired = plan.desired;
  report.planned = plan.planned;
  report.kept = plan.kept;
  report.applied = nothingApplied(plan);
  report.discrepancies = [];
}

function describeProgress({ applied, planned }: Partial<SyncReport>): string {
  if (planned === undefined || applied === undefined)
    return "both sides were still being read, and nothing was changed";
  const { subscribe, resubscribe, update, unsubscribe } = planned;
  const total = subscribe + resubscribe + update + unsubscribe;
  return `${total - applied.left} of ${total} changes are done, ${applied.left} are left`;
}
