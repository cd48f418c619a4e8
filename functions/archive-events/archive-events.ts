import { rm } from "node:fs/promises";
import { ArchiveIncompleteError } from "../domain/archive-errors.ts";
import { CredentialError, InvalidEventError, OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "../platform/run.ts";
import { isScheduled } from "../platform/scheduled-event.ts";
import { createScratchFolder } from "../platform/scratch-folder.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { EventName } from "../providers/event-columns.ts";
import type { EventFile, EventFiles } from "../providers/event-files.ts";
import { archiveAll } from "./archive-all.ts";
import { ArchiveProgress } from "./archive-progress.ts";
import { daysBefore, daysBetween, isOver } from "./calendar-days.ts";
import type { ArchiveEvent, RangeEvent } from "./event.ts";
import type { ArchiveReport } from "./report.ts";

export interface ArchiveDependencies {
  /** For the report. */
  readonly store: ObjectStore;
  readonly archive: FileStore;
  readonly timeZone: string;
  readonly settings: { readonly lookBackDays: number; readonly events: readonly EventName[] };
  /** @param deadline when Lambda ends the function: the provider waits for nothing beyond it */
  openFiles(deadline: Date): EventFiles;
  /** How many files one run may fetch. @default 5000, whose report has 1.5 MB */
  readonly maxFetched?: number;
}

/**
 * Stores each event's CSV of each requested day, the oldest day first. A file that fails does not stop the others. A
 * range that runs out of time succeeds, and its report holds the event to send for the rest. So does a schedule's run whose
 * secret has no value: whoever has just deployed is still setting things up. If it lasts, the alarm for silence tells.
 *
 * @throws ArchiveIncompleteError that lists the failed files and says what is left and how to continue;
 *   OutOfTimeError when time runs out before all due files, or the one day, or the first file of a range are done;
 *   ConfigurationError and CredentialError at once, since every other file would fail, too
 */
export async function archiveEvents(
  event: ArchiveEvent,
  dependencies: ArchiveDependencies,
  run: Run<ArchiveReport>,
): Promise<void> {
  const { archive, timeZone, maxFetched = 5000 } = dependencies;
  const progress = new ArchiveProgress(requestedFiles(event, dependencies, run.now()));
  const files = dependencies.openFiles(run.deadline);
  const folder = await createScratchFolder("archive-events");
  try {
    const fetchSettled = "date" in event;
    const accepted = "date" in event ? event.accept : undefined;
    const options = { archive, files, folder, timeZone, accepted, fetchSettled, maxFetched };
    await archiveAll(progress, options, run);
  } catch (error) {
    if (!isScheduled(event) || !(error instanceof CredentialError && error.isMissing)) throw error;
    run.report.problem = error.message;
    return;
  } finally {
    await rm(folder, { recursive: true, force: true });
    reportProgress(event, progress, run);
    run.report.requests = { ...files.requests };
    run.report.ms = run.now().getTime() - run.startedAt.getTime();
  }
  throwIfIncomplete(event, progress, run);
}

function requestedFiles(
  event: ArchiveEvent,
  { timeZone, settings }: ArchiveDependencies,
  now: Date,
): EventFile[] {
  const events = new Set(event.events ?? settings.events);
  return requestedDays(event, { timeZone, days: settings.lookBackDays, now }).flatMap((date) =>
    Array.from(events, (event) => ({ event, date })),
  );
}

function requestedDays(
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

function reportProgress(
  event: ArchiveEvent,
  progress: ArchiveProgress,
  { report }: Run<ArchiveReport>,
): void {
  report.files = progress.reportsInOrder();
  report.settled = progress.settled;
  report.left = progress.left;
  report.missing = progress.missing.length;
  report.lost = lostFiles(event, progress).length;
  const next = nextEvent(event, progress);
  if (next !== undefined) report.next = next;
}

/** The missing files of the day that leaves the look-back window. Who asks for a day by hand sees the report. */
function lostFiles(event: ArchiveEvent, { requested: [oldest], missing }: ArchiveProgress): EventFile[] {
  if ("date" in event || "from" in event) return [];
  return missing.filter(({ date }) => date === oldest?.date);
}

/** Starts with the first unfinished day: its stored files are skipped then. */
function nextEvent(event: ArchiveEvent, { firstLeft }: ArchiveProgress): RangeEvent | undefined {
  if (!("from" in event) || firstLeft === undefined) return undefined;
  return { ...event, from: firstLeft.date };
}

function throwIfIncomplete(
  event: ArchiveEvent,
  { requested, left, settled }: ArchiveProgress,
  { report: { files = [], next }, signal }: Run<ArchiveReport>,
): void {
  const failures = files.filter(({ outcome }) => outcome === "failed");
  if (failures.length > 0) {
    const failed = failures.map(({ event, date, reason = "failed" }) => ({ event, date, reason }));
    throw new ArchiveIncompleteError(failed, { files: requested.length, left, next });
  }
  if (left === 0) return;
  // If `next` is the very same event, whoever follows it would loop for ever, so that is an error.
  const isStuck = files.length === 0 && (!("from" in event) || next?.from === event.from);
  if ("from" in event && !isStuck) return;
  const done = `${files.length + settled} of ${requested.length} files are done, ${left} are left`;
  const advice = "; the first of them take longer than the function may run, so raise its timeout";
  throw new OutOfTimeError(isStuck ? `${done}${advice}` : done, { cause: signal.reason });
}
