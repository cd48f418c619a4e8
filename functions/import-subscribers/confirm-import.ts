import { FingerprintSet } from "../domain/diff/fingerprint.ts";
import { type Group, kindOf } from "../domain/plan.ts";
import { ImportIncompleteError } from "../domain/plan-errors.ts";
import { createPlanner } from "../planning/create-planner.ts";
import { readBothSides } from "../planning/read-both-sides.ts";
import type { Run } from "../platform/run.ts";
import { CountWatch } from "./count-watch.ts";
import type { Job } from "./job.ts";
import { groupEntries, type ImportPlan } from "./plan-import.ts";
import type { ImportReport, KindCounts } from "./report.ts";

/** Left over when both sides are compared for the last time, beside twice the time that reading them took. */
const reserveMs = 30_000;

/** What was announced: enough to recognise it when both sides are read again, when the plan is no longer in memory. */
export interface Announced {
  readonly fingerprints: FingerprintSet;
  readonly changes: number;
  /** How long it took to read both sides. */
  readonly readingMs: number;
}

export function fingerprintsOf(
  { planner, entries }: ImportPlan,
  announced: ReadonlySet<Group>,
): FingerprintSet {
  const fingerprints = new FingerprintSet();
  for (const [group, ofGroup] of entries) {
    if (!announced.has(group)) continue;
    for (const entry of ofGroup) fingerprints.add(planner.fingerprintOf(entry));
  }
  return fingerprints;
}

/**
 * Waits until the provider's counts have settled, and compares both sides again. While anything is left, it goes on
 * watching, as far as the list's `settleSeconds` and the function's time allow. Needs no lock: it only reads.
 *
 * @throws ImportIncompleteError when the import has left anything undone
 */
export async function confirmImport(
  job: Job,
  { fingerprints, changes, readingMs }: Announced,
): Promise<void> {
  const { list, run } = job;
  const msLeft = () => run.deadline.getTime() - run.now().getTime() - 2 * readingMs - reserveMs;
  const limitMs = Math.min(list.configuration.import.settleSeconds * 1000, Math.max(0, msLeft()));
  const watch = new CountWatch({ ...job, limitMs }, run);
  let left: number;
  do {
    await watch.untilSettled();
    const remaining = await remainingOf(job, fingerprints);
    run.report.remaining = remaining;
    left = Object.values(remaining).reduce((sum, count) => sum + count, 0);
  } while (left > 0 && !watch.isOver && msLeft() > 0);
  if (left > 0) throw new ImportIncompleteError(run.report.remaining, changes);
}

/**
 * Reads both sides once more, and counts the announced changes for which they still ask. A reader whose row in the source
 * has changed since is not counted: the provider was not told of that.
 */
async function remainingOf(job: Job, fingerprints: FingerprintSet): Promise<KindCounts> {
  const { list, importer, memory, run, openSource } = job;
  // The rows that are set aside are in the quarantine already.
  const ignored = async () => undefined;
  const quarantine = { add: ignored, reject: ignored, restart: ignored };
  const again: Run<ImportReport> = { ...run, report: {} };
  const bothSides = await readBothSides(list, { provider: importer, quarantine, openSource }, again);
  const planner = await createPlanner(bothSides, memory);
  const remaining = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
  for (const [group, entries] of await groupEntries(planner, run)) {
    for (const entry of entries) {
      if (fingerprints.has(planner.fingerprintOf(entry))) remaining[kindOf[group]]++;
    }
  }
  return remaining;
}
