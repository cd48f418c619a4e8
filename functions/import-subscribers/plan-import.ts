import { setImmediate as nextTurn } from "node:timers/promises";
import type { Planner } from "../domain/diff/planner.ts";
import { PositionList } from "../domain/diff/position-list.ts";
import { type ChangeGroup, changeGroups, type PlanChunk, type PlanSummary } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import { createPlanner } from "../planning/create-planner.ts";
import { readBothSides } from "../planning/read-both-sides.ts";
import { type Samples, samplesPerGroup } from "../planning/shown-plan.ts";
import { storePlan } from "../planning/store-plan.ts";
import { summarisePlan } from "../planning/summarise-plan.ts";
import { note, type Run } from "../platform/run.ts";
import { importSummaryKey, importTextKey } from "../platform/storage/object-keys.ts";
import { Quarantine } from "../platform/storage/quarantine.ts";
import type { Job } from "./job.ts";
import { writeFiles } from "./write-files.ts";

/** How many entries are decided on before other work gets a turn. */
const entriesPerTurn = 10_000;

/** An import that is planned and written. */
export interface ImportPlan {
  readonly summary: PlanSummary;
  /** The limits that it exceeds. */
  readonly refusals: readonly Refusal[];
  readonly newlyRejected: number;
  readonly planner: Planner;
  /** The entries of each group, in the order of their rows in the group's files. */
  readonly entries: ReadonlyMap<ChangeGroup, PositionList>;
}

/** Reads both sides, decides on every address and writes the changes as files. The provider is told nothing. */
export async function planImport(job: Job): Promise<ImportPlan> {
  const { list, importer, store, memory, history, run, openSource } = job;
  const quarantine = new Quarantine({ store, list: list.name, runId: run.id, memory, history });
  run.report.files = [];
  const bothSides = await readBothSides(list, { provider: importer, quarantine, openSource }, run);
  const planner = await createPlanner(bothSides, memory);
  for (const rejection of planner.rejections()) await quarantine.reject(rejection);
  const entries = await groupEntries(planner, run);
  leaveToSync(entries, run);
  const [chunks] = await Promise.all([writeGroups(job, planner, entries), quarantine.finish()]);
  history?.writePlan();
  const summary = summarisePlan({ list, planner, bothSides, chunks }, run);
  const keys = { summary: importSummaryKey(list.name, run.id), text: importTextKey(list.name, run.id) };
  const refusals = await storePlan({ plan: summary, samples: samplesOf(planner, entries), keys }, job);
  return { summary, refusals, newlyRejected: quarantine.newlyRejected, planner, entries };
}

function samplesOf(planner: Planner, entries: ReadonlyMap<ChangeGroup, PositionList>): Samples {
  const firstOf = (ofGroup: PositionList) =>
    [...ofGroup.range(0, samplesPerGroup)].map((entry) => planner.changeOf(entry));
  return new Map([...entries].map(([group, ofGroup]) => [group, firstOf(ofGroup)]));
}

/** The provider reads a file when it likes: whoever opts out before that must not be in it as one who comes back. */
function leaveToSync(entries: Map<ChangeGroup, PositionList>, run: Job["run"]): void {
  const { length = 0 } = entries.get("resubscribe") ?? {};
  entries.delete("resubscribe");
  if (length > 0) note(run, `resubscriptions that are left to sync-subscribers: ${length}`);
}

/** Decides on every entry. @returns those that change, by group */
export async function groupEntries(
  planner: Planner,
  { progress, signal }: Pick<Run<unknown>, "progress" | "signal">,
): Promise<Map<ChangeGroup, PositionList>> {
  const entries = new Map(changeGroups.map((group) => [group, new PositionList()]));
  let decided = 0;
  for (const entry of planner.entries) {
    const group = planner.decideOn(entry);
    if (group !== undefined) entries.get(group)!.push(entry);
    if (++decided % entriesPerTurn > 0) continue;
    progress("deciding", decided, planner.entries.length);
    await nextTurn();
    signal.throwIfAborted();
  }
  return entries;
}

async function writeGroups(
  job: Job,
  planner: Planner,
  entries: ReadonlyMap<ChangeGroup, PositionList>,
): Promise<PlanChunk[]> {
  const total = [...entries.values()].reduce((sum, { length }) => sum + length, 0);
  const chunks: PlanChunk[] = [];
  let written = 0;
  const onRows = (rows: number) => {
    written += rows;
    job.run.progress("writing the files", written, total);
  };
  for (const [group, ofGroup] of entries) {
    chunks.push(...(await writeFiles({ planner, group, entries: ofGroup, onRows }, job)));
  }
  return chunks;
}
