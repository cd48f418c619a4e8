import type { ListConfiguration } from "../configuration.ts";
import { type Group, groupCounts, groups, type PlanSummary } from "../domain/plan.ts";
import { UnsafePlanError } from "../domain/plan-errors.ts";
import { waits } from "../domain/safety.ts";
import type { ApplyEvent } from "../planning/apply-event.ts";
import {
  approvalOf,
  approvedGroups,
  checkPlan,
  exemptionOf,
  measureLimits,
  outlook,
  passingGroups,
} from "../planning/check-plan.ts";
import { createPlanner } from "../planning/create-planner.ts";
import { doTheRest } from "../planning/do-the-rest.ts";
import { type ListDependencies, openListJob } from "../planning/list-job.ts";
import { letSchedulesBegin, lookFirst } from "../planning/look-first.ts";
import { type NamedList, type RunOfList, runOfList } from "../planning/named-list.ts";
import { reportPlan } from "../planning/plan-report.ts";
import { readBothSides } from "../planning/read-both-sides.ts";
import { reportApproval } from "../planning/report-approval.ts";
import { readSummary } from "../planning/stored-summary.ts";
import { goOnLater } from "../platform/backfill.ts";
import type { Clock } from "../platform/clock.ts";
import { note, type Run } from "../platform/run.ts";
import { planSummaryKey, planTextKey } from "../platform/storage/object-keys.ts";
import { Quarantine } from "../platform/storage/quarantine.ts";
import { workOnList } from "../platform/work-on-list.ts";
import type { Provider } from "../providers/provider.ts";
import type { Sink } from "../sinks/sink.ts";
import { nothingApplied } from "./applied-tally.ts";
import { deliverPlan } from "./deliver-plan.ts";
import { describeProgress, leftOf } from "./describe-progress.ts";
import { goodSyncEvent, type SyncEvent, type SyncMode } from "./event.ts";
import { giveReturns, nothingReturned } from "./give-returns.ts";
import type { Job } from "./job.ts";
import { makePlan } from "./make-plan.ts";
import type { SyncReport } from "./report.ts";
import { stillWanted } from "./still-wanted.ts";

export interface SyncDependencies extends ListDependencies {
  readonly clock: Clock;
  providerOf(list: NamedList, run: RunOfList): Provider;
  /** Where the list's returns go; undefined if it does not say. */
  openSink(name: string, list: ListConfiguration, runId: string): Sink | undefined;
}

/**
 * Brings a list at the provider into the state that the publisher's database wants: reads both sides, plans, checks
 * and applies. Or applies one stored plan, and nothing else. A schedule's run only looks until a person has approved a plan
 * of the list. A backfill's run that runs out of time may succeed.
 *
 * @throws UnsafePlanError when the plan exceeds a limit, after the rest of it was applied; OutOfTimeError when the
 *   function's time runs out; any other error unchanged
 */
export async function syncSubscribers(
  event: SyncEvent,
  dependencies: SyncDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const job = createJob(event, dependencies, run);
  const { store, memory, history, provider } = job;
  const { requests } = provider;
  const work = { list: event.list, store, memory, history, requests, run, describeProgress };
  const look: SyncEvent = { list: event.list, mode: "plan" };
  await lookFirst(job, { event, look }, async (event) => {
    run.report.mode = "mode" in event ? event.mode : "apply";
    await goOnLater(event, { run, leftOf }, () =>
      workOnList(work, () =>
        "apply" in event ? applyStoredPlan(job, event) : planAndApply(job, event.mode),
      ),
    );
  });
}

function createJob(event: SyncEvent, dependencies: SyncDependencies, run: Run<SyncReport>): Job {
  const asked = { job: "sync-subscribers", event, goodEvent: goodSyncEvent };
  const job = openListJob(asked, dependencies, run);
  const { name, configuration } = job.list;
  return {
    ...job,
    provider: dependencies.providerOf(job.list, runOfList(run)),
    quarantine: new Quarantine({ ...job, list: name, runId: run.id }),
    sink: dependencies.openSink(name, configuration, run.id),
    clock: dependencies.clock,
  };
}

async function planAndApply(job: Job, mode: SyncMode): Promise<void> {
  const { list, quarantine, run } = job;
  const { plan, refusals } = await makePlan(list, job, run);
  const asked: readonly Group[] = mode === "return" ? ["return"] : groups;
  const waiting = refusals.filter((refusal) => refusal.groups.some((group) => asked.includes(group)));
  const event = approvalOf(plan, waiting, list);
  const text = planTextKey(list.name, plan.planId);
  const { newlyRejected } = quarantine;
  const limits = await measureLimits(job, plan);
  reportPlan(plan, { refusals, event, text, limits, newlyRejected }, run);
  const passing = passingGroups(refusals);
  reportNothingDone(plan, passing, run);
  if (mode === "plan") {
    note(run, outlook(plan, refusals, event));
    await tryReturns(job, plan);
    return;
  }
  if (mode === "apply") await letSchedulesBegin(job);
  run.report.check!.refused = waiting.length > 0;
  const exempt = await exemptionOf(job, plan);
  await doTheRest({ refusals: waiting, event }, run, () =>
    deliverPlan(job, plan, {
      groups: new Set(asked.filter((group) => passing.has(group))),
      exempt,
      isStale: () => false,
    }),
  );
  if (waiting.length > 0) throw new UnsafePlanError(waiting, { event, text });
}

function reportNothingDone(plan: PlanSummary, mayGo: ReadonlySet<Group>, { report }: Run<SyncReport>): void {
  report.discrepancies = [];
  report.applied = nothingApplied(plan, mayGo);
  report.returned = nothingReturned(plan, mayGo.has("return"));
}

/** Has the database do what it is to be told, and undo it: so what is wrong with the list's statements shows. */
async function tryReturns({ sink, run, ...job }: Job, plan: PlanSummary): Promise<void> {
  if (sink === undefined) return;
  await giveReturns(plan, { ...job, sink, commit: false, isStale: () => false }, run);
}

/**
 * Applies a plan that a person has approved, so the limits that they name are not checked again. Both sides are read
 * again: a change that they no longer call for is not sent, and neither is any change that the plan does not hold.
 */
async function applyStoredPlan(job: Job, approval: ApplyEvent): Promise<void> {
  const { list, run } = job;
  const { apply, approve } = approval;
  reportApproval(approval, job);
  const stored = { list: list.name, planId: apply, key: planSummaryKey(list.name, apply) };
  const plan = await readSummary(job.store, stored, run.now());
  const sourceReadAt = Date.parse(plan.sourceReadAt);
  const bothSides = await readBothSides({ ...list, sourceReadAt }, job, run);
  const planner = await createPlanner(bothSides, job.memory);
  const wanted = await stillWanted(plan, { planner, store: job.store }, run);
  const refusals = await checkPlan(job, wanted);
  const event = approvalOf(plan, refusals, list);
  const text = planTextKey(list.name, apply);
  const limits = await measureLimits(job, wanted);
  const { newlyRejected } = job.quarantine;
  reportPlan(wanted, { refusals, event, text, limits, newlyRejected }, run);
  const approved = approvedGroups(refusals, approve);
  reportNothingDone(plan, approved, run);
  await letSchedulesBegin(job);
  const standing = refusals.filter((refusal) => refusal.groups.some((group) => !approved.has(group)));
  const exempt = await exemptionOf(job, wanted, approve);
  await doTheRest({ refusals: standing, event }, run, () =>
    deliverPlan(job, plan, {
      groups: approved,
      exempt,
      isStale: (row) => !planner.stillAsksFor(row),
    }),
  );
  const counts = groupCounts(wanted);
  const held = groups.filter((group) => waits(group, refusals) && !approved.has(group));
  const waiting = held.reduce((sum, group) => sum + counts[group], 0);
  for (const text of notesOnApproval(run.report, { waiting, event })) note(run, text);
}

/** An approval that does less than a person may expect says so. */
function* notesOnApproval(
  { applied, returned }: Partial<SyncReport>,
  { waiting, event }: { waiting: number; event: ApplyEvent },
): Generator<string> {
  const { accepted = 0, quarantined = 0, stale = 0 } = applied ?? {};
  const { taken = 0, stale: staleReturns = 0 } = returned ?? {};
  if (accepted + quarantined + taken === 0) {
    yield stale + staleReturns > 0
      ? `nothing was sent: neither side asks any more for any of the ${stale + staleReturns} changes that were approved`
      : "nothing was sent: the plan has no change that this event approves";
  }
  if (waiting > 0) {
    yield `${waiting} changes of the plan exceed a limit and still wait: ${JSON.stringify(event)} approves them`;
  }
}
