import type { PlanSummary } from "../domain/plan.ts";
import { UnsafePlanError } from "../domain/plan-errors.ts";
import type { ApplyEvent } from "../planning/apply-event.ts";
import { approvalOf, exemptionOf, measureLimits, outlook } from "../planning/check-plan.ts";
import { doTheRest, type Waiting } from "../planning/do-the-rest.ts";
import { type ListDependencies, openListJob } from "../planning/list-job.ts";
import { letSchedulesBegin, lookFirst } from "../planning/look-first.ts";
import { type NamedList, type RunOfList, runOfList } from "../planning/named-list.ts";
import { reportPlan } from "../planning/plan-report.ts";
import { reportApproval } from "../planning/report-approval.ts";
import { readSummary } from "../planning/stored-summary.ts";
import { goOnLater } from "../platform/backfill.ts";
import { note, type Run } from "../platform/run.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import { importSummaryKey, importTextKey } from "../platform/storage/object-keys.ts";
import { workOnList } from "../platform/work-on-list.ts";
import type { Importer } from "../providers/importer.ts";
import { announceFiles } from "./announce-files.ts";
import { chooseApproved, choosePassing, notesOnApproval } from "./choose-groups.ts";
import { type Announced, confirmImport, fingerprintsOf } from "./confirm-import.ts";
import { goodImportEvent, type ImportEvent } from "./event.ts";
import type { Job } from "./job.ts";
import { planImport } from "./plan-import.ts";
import type { ImportReport } from "./report.ts";

export interface ImportDependencies extends ListDependencies {
  /** The same bucket as `store`, as a store of files. */
  readonly files: FileStore;
  importerOf(list: NamedList, run: RunOfList): Importer;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** What is left to do when the files are announced. */
interface Outcome {
  /** Undefined if no file was announced. */
  readonly announced?: Announced;
  /** What of the plan was not announced; left out of a dry run. */
  readonly waiting?: Waiting;
}

/**
 * Brings a list into the state that the publisher's database wants, as a sync does, but by CSV files that the provider
 * fetches: reads both sides, plans, writes the files, checks, has the provider import them, and compares both sides again.
 * A backfill's run that runs out of time may succeed.
 *
 * @throws ImportIncompleteError when the import left anything undone; UnsafePlanError when the plan exceeds a limit, after
 *   the rest of it was imported; OutOfTimeError when the function's time runs out; any other error unchanged
 */
export async function importSubscribers(
  event: ImportEvent,
  dependencies: ImportDependencies,
  run: Run<ImportReport>,
): Promise<void> {
  const job = createJob(event, dependencies, run);
  const { store, memory, history, importer } = job;
  const work = {
    list: event.list,
    store,
    memory,
    history,
    requests: importer.requests,
    run,
    describeProgress,
  };
  const look: ImportEvent = { list: event.list, dryRun: true };
  await lookFirst(job, { event, look }, async (event) => {
    run.report.dryRun = isDryRun(event);
    await goOnLater(event, { run, leftOf }, () =>
      workOnList({ ...work, afterwards: (outcome) => conclude(job, outcome) }, () => importList(job, event)),
    );
  });
}

function isDryRun(event: ImportEvent): boolean {
  return !("apply" in event) && event.dryRun === true;
}

function createJob(event: ImportEvent, dependencies: ImportDependencies, run: Run<ImportReport>): Job {
  const { files, sleep, importerOf } = dependencies;
  const asked = { job: "import-subscribers", event, goodEvent: goodImportEvent };
  const job = openListJob(asked, dependencies, run);
  return { ...job, importer: importerOf(job.list, runOfList(run)), files, sleep };
}

async function importList(job: Job, event: ImportEvent): Promise<Outcome> {
  const { importer, memory, run } = job;
  const approved = "apply" in event ? await readApproved(job, event) : undefined;
  const startedAt = run.now().getTime();
  const plan = await planImport(job);
  const readingMs = run.now().getTime() - startedAt;
  const { summary, refusals, newlyRejected } = plan;
  const approval = approvalOf(summary, refusals, job.list);
  const text = importTextKey(job.list.name, summary.planId);
  const limits = await measureLimits(job, summary);
  reportPlan(summary, { refusals, event: approval, text, limits, newlyRejected }, run);
  if (isDryRun(event)) {
    note(run, outlook(summary, refusals, approval));
    return {};
  }
  await letSchedulesBegin(job);
  const choice =
    approved === undefined
      ? choosePassing(refusals)
      : chooseApproved(summary, refusals, { ...event, approved });
  const { groups } = choice;
  const exempt = await exemptionOf(job, summary, "approve" in event ? event.approve : undefined);
  const waiting = { refusals: choice.waiting, event: approval };
  run.report.check!.refused = choice.waiting.length > 0;
  const changes = summary.chunks.reduce(
    (sum, chunk) => sum + (groups.has(chunk.group) ? chunk.changes : 0),
    0,
  );
  if (approved !== undefined) {
    for (const text of notesOnApproval(summary, refusals, { ...choice, approved, event: approval }))
      note(run, text);
  }
  if (changes === 0) {
    run.report.remaining = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
    if (exempt === "filling") await (await memory.budget()).endFilling();
    await memory.save();
    return { waiting };
  }
  await doTheRest(waiting, run, async () => {
    const { subscribed, unsubscribed } = await importer.countSubscribers(run.signal);
    run.report.before = { subscribed, unsubscribed };
    await announceFiles(job, plan, { groups, exempt });
  });
  return { announced: { fingerprints: fingerprintsOf(plan, groups), changes, readingMs }, waiting };
}

async function readApproved(job: Job, approval: ApplyEvent): Promise<PlanSummary> {
  const { store, list, run } = job;
  reportApproval(approval, job);
  const key = importSummaryKey(list.name, approval.apply);
  return await readSummary(store, { list: list.name, planId: approval.apply, key }, run.now());
}

/** Runs without the lock: it only reads. */
async function conclude(job: Job, { announced, waiting }: Outcome): Promise<void> {
  if (waiting === undefined) return;
  if (announced !== undefined) await doTheRest(waiting, job.run, () => confirmImport(job, announced));
  const { refusals, event } = waiting;
  const text = importTextKey(job.list.name, event.apply);
  if (refusals.length > 0) throw new UnsafePlanError(refusals, { event, text });
}

function describeProgress({ files = [] }: Partial<ImportReport>): string {
  const announced = files.filter((file) => file.announced).length;
  if (announced === 0) return "no file was announced";
  const answered = files.filter((file) => file.import !== undefined).length;
  const doubt = answered < announced ? ", of which the last one may not have reached the provider" : "";
  return `${announced} of ${files.length} files were announced${doubt}; the outcome was not confirmed`;
}

/** How much both sides asked for, if the provider has taken any of it: only the next reading tells what came of that. */
function leftOf({ planned, files = [] }: Partial<ImportReport>): number | undefined {
  if (planned === undefined || !files.some((file) => file.import !== undefined)) return undefined;
  return planned.subscribe + planned.resubscribe + planned.update + planned.unsubscribe;
}
