import { setImmediate as nextTurn } from "node:timers/promises";
import type { Planner } from "../domain/diff/planner.ts";
import type { Position } from "../domain/diff/record-arena.ts";
import {
  type Change,
  type ChangeGroup,
  type Group,
  type GroupCounts,
  groupCounts,
  groups,
  kindOf,
} from "../domain/plan.ts";
import { TextCursor } from "../domain/records/text-cursor.ts";
import type { Act } from "../domain/remembered.ts";
import type { Exemption } from "../planning/check-plan.ts";
import { note } from "../platform/run.ts";
import type { ImportFile } from "../providers/importer.ts";
import type { Job } from "./job.ts";
import type { ImportPlan } from "./plan-import.ts";
import type { ImportedFile } from "./report.ts";

export interface AnnounceOptions {
  /** The groups whose files may be announced. */
  readonly groups: ReadonlySet<Group>;
  /** Why what is announced does not count against the limits of the day. */
  readonly exempt: Exemption | undefined;
}

/** What an import does to an address by a change of the group, if that is to be remembered. */
const acts: Readonly<Partial<Record<ChangeGroup, Act["kind"]>>> = {
  optOut: "unsubscribed",
  unsubscribe: "unsubscribed",
  missing: "unsubscribed",
  subscribe: "subscribed",
  resubscribe: "subscribed",
};

/** How many acts are recorded before other work gets a turn. */
const actsPerTurn = 10_000;

/**
 * Has the provider import the files of these groups, in the order of the groups: unsubscriptions first. What was announced
 * is remembered, however the announcing ends.
 */
export async function announceFiles(job: Job, plan: ImportPlan, options: AnnounceOptions): Promise<void> {
  const { memory, run } = job;
  const intended = groupCounts(plan.summary);
  const files = (run.report.files ?? []).filter(({ group }) => options.groups.has(group));
  const budget = await memory.budget();
  const counts = countsOf((group) => (options.groups.has(group) ? intended[group] : 0));
  await budget.begin(run.id, counts, options.exempt);
  try {
    let announced = 0;
    for (const [group, ofGroup] of Map.groupBy(files, (file) => file.group)) {
      const entries = plan.entries.get(group)!;
      let row = 0;
      for (const file of ofGroup) {
        const ofFile = () => entries.range(row, row + file.rows);
        await announce(file, () => changesOf(plan.planner, ofFile()), job);
        await rememberActs(job, plan.planner, { group, entries: ofFile() });
        row += file.rows;
        run.progress("announcing the files", ++announced, files.length);
      }
    }
  } finally {
    await budget.end(
      run.id,
      countsOf((group) => rowsOf(files.filter((file) => file.group === group && file.announced))),
    );
    // What the provider was told of in part counts as not delivered.
    job.history?.delivers(groups.filter((group) => isAnnounced(files, group)));
    const isWhole = files.every((file) => file.import !== undefined);
    if (options.exempt === "filling" && isWhole) await budget.endFilling();
    await memory.save();
  }
}

function isAnnounced(files: readonly ImportedFile[], group: Group): boolean {
  const ofGroup = files.filter((file) => file.group === group);
  return ofGroup.length > 0 && ofGroup.every(({ announced }) => announced);
}

function rowsOf(files: readonly ImportedFile[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

function countsOf(countOf: (group: Group) => number): GroupCounts {
  return Object.fromEntries(groups.map((group) => [group, countOf(group)])) as GroupCounts;
}

async function announce(file: ImportedFile, changes: ImportFile["changes"], job: Job): Promise<void> {
  const { list, files, importer, run } = job;
  const { key } = file;
  const link = await files.linkTo(key, list.configuration.import.linkMinutes * 60_000);
  file.announced = true;
  const imported = { kind: kindOf[file.group], link: async () => link, changes };
  const options = { since: run.startedAt.getTime(), signal: run.signal };
  const { id, status, bytes } = await importer.importFile(imported, options);
  file.import = { id, status };
  if (bytes === undefined || bytes === file.bytes) return;
  note(run, `the provider says that the file of import ${id} has ${bytes} bytes, but it has ${file.bytes}`);
}

function* changesOf(planner: Planner, entries: Iterable<Position>): Generator<Change> {
  for (const entry of entries) yield planner.changeOf(entry);
}

async function rememberActs(
  { memory, run }: Job,
  planner: Planner,
  { group, entries }: { readonly group: ChangeGroup; readonly entries: Iterable<Position> },
): Promise<void> {
  const remembered = await memory.acts();
  const kind = acts[group];
  if (kind === undefined) return;
  const at = run.now().getTime();
  const cursor = new TextCursor();
  let row = 0;
  for (const entry of entries) {
    const { bytes, start } = planner.recordOf(entry);
    remembered.record(cursor.open(bytes, start).read().toString(), kind, at);
    if (++row % actsPerTurn === 0) await nextTurn();
  }
}
