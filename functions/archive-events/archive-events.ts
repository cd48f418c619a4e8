import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveIncompleteError, InvalidEventError, OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "../platform/run.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { EventName } from "../providers/ownpage/event-columns.ts";
import { archiveAll } from "./archive-all.ts";
import { daysBefore, daysBetween, isOver } from "./due-days.ts";
import type { ArchiveEvent, RangeEvent } from "./event.ts";
import type { EventFiles } from "./fetch-file.ts";
import type { ArchiveReport, EventFile } from "./report.ts";
import { Tally } from "./tally.ts";

export interface ArchiveDependencies {
  /** For the report. */
  readonly store: ObjectStore;
  readonly archive: FileStore;
  readonly timeZone: string;
  readonly settings: { readonly lookBackDays: number; readonly events: readonly EventName[] };
  /** @param deadline when the function is ended: nothing is waited for beyond it */
  openFiles(deadline: Date): EventFiles;
  /** How many files a run fetches at the most. @default 5000, whose report is a third of what Lambda may answer */
  readonly mostFetched?: number;
}

/**
 * Stores each event's CSV of each day that is asked for, the oldest day first; what can be stored is, whatever
 * becomes of the others. A range that is not done when the time is over ends with the event to send for the rest.
 *
 * @throws ArchiveIncompleteError that lists the files which failed, and says what is left and how to go on;
 *   OutOfTimeError when the time is over before what is due, or one day, is done, or before any file of a range
 *   is; ConfigurationError and CredentialError at once, as no file would fare better
 */
export async function archiveEvents(
  event: ArchiveEvent,
  dependencies: ArchiveDependencies,
  run: Run<ArchiveReport>,
): Promise<void> {
  const { archive, timeZone, mostFetched = 5000 } = dependencies;
  const tally = new Tally(filesAskedFor(event, dependencies, run.now()));
  const files = dependencies.openFiles(run.deadline);
  // A run that is killed leaves its folder on the disk, until Lambda gives up the container.
  const folder = await mkdtemp(join(tmpdir(), "archive-events-"));
  try {
    const fetchesSettled = "date" in event;
    const options = { archive, files, folder, timeZone, fetchesSettled, mostFetched };
    await archiveAll(tally, options, run);
  } finally {
    await rm(folder, { recursive: true, force: true });
    Object.assign(run.report, {
      files: tally.inOrder(),
      settled: tally.settled,
      left: tally.left,
      missing: tally.absent,
      ...nextOf(event, tally),
      requests: { ...files.requests },
      ms: run.now().getTime() - run.startedAt.getTime(),
    });
  }
  judge(event, tally, run);
}

function filesAskedFor(
  event: ArchiveEvent,
  { timeZone, settings }: ArchiveDependencies,
  now: Date,
): EventFile[] {
  const events = new Set(event.events ?? settings.events);
  return daysAskedFor(event, { timeZone, days: settings.lookBackDays, now }).flatMap((date) =>
    Array.from(events, (event) => ({ event, date })),
  );
}

function daysAskedFor(
  event: ArchiveEvent,
  { now, ...window }: { timeZone: string; days: number; now: Date },
): string[] {
  const requireOver = (field: string, date: string) => {
    if (isOver(date, now, window.timeZone)) return;
    const problem = `${field}: ${date} is not over yet in ${window.timeZone}`;
    throw new InvalidEventError(problem, { date: daysBefore(now, { ...window, days: 1 })[0] });
  };
  if ("date" in event) {
    requireOver("date", event.date);
    return [event.date];
  }
  if (!("from" in event)) return daysBefore(now, window);
  requireOver("to", event.to);
  return daysBetween(event.from, event.to);
}

/** Files that are stored are passed over, so that a day which is half done may be begun anew. */
function nextOf(event: ArchiveEvent, { firstLeft }: Tally): { next?: RangeEvent } {
  if (!("from" in event) || firstLeft === undefined) return {};
  return { next: { ...event, from: firstLeft.date } };
}

function judge(
  event: ArchiveEvent,
  { asked, left, settled }: Tally,
  { report: { files = [], next }, signal }: Run<ArchiveReport>,
): void {
  const failures = files.filter(({ outcome }) => outcome === "failed");
  if (failures.length > 0) {
    const told = failures.map(({ event, date, reason = "failed" }) => ({ event, date, reason }));
    throw new ArchiveIncompleteError(told, { files: asked.length, left, next });
  }
  if (left === 0) return;
  // A `next` that is the same event over again ends in an error, or whoever sends it would go on for ever.
  const isStuck = files.length === 0 && (!("from" in event) || next?.from === event.from);
  if ("from" in event && !isStuck) return;
  const done = `${files.length + settled} of ${asked.length} files are done, ${left} are left`;
  const advice = "; as the first of them take longer than the function has, give it more time";
  throw new OutOfTimeError(isStuck ? `${done}${advice}` : done, { cause: signal.reason });
}
