import pMap from "p-map";
import type { Run } from "../platform/run.ts";
import { openLastSuccess } from "../platform/storage/last-success.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { WatchReport } from "./report.ts";
import type { WatchedSchedule } from "./watch-configuration.ts";

export interface WatchDependencies {
  /** Where the functions record their successes. */
  readonly store: ObjectStore;
  readonly schedules: readonly WatchedSchedule[];
}

const hourMs = 60 * 60 * 1000;

/**
 * Finds the schedules of which no run has succeeded for longer than they may be silent. One of which none has ever
 * succeeded has yet to begin, and is not missed.
 */
export async function watchRuns(
  { store, schedules }: WatchDependencies,
  run: Run<WatchReport>,
): Promise<void> {
  const looked = await pMap(
    schedules,
    async (schedule) => ({
      schedule,
      last: await openLastSuccess(store, schedule.function, schedule.subject).read(),
    }),
    { concurrency: 8, signal: run.signal },
  );
  const begun = looked.flatMap(({ schedule, last }) => (last === undefined ? [] : [{ schedule, last }]));
  const now = run.now().getTime();
  run.report.schedules = schedules.length;
  run.report.begun = begun.length;
  run.report.silent = begun
    .filter(({ schedule, last }) => now - last.getTime() > schedule.hours * hourMs)
    .map(({ schedule, last }) => ({ ...schedule, lastSuccess: last.toISOString() }));
}
