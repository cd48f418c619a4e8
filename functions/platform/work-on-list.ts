import { OutOfTimeError } from "../domain/errors.ts";
import type { RequestCounts } from "./http/http.ts";
import { note, type Run } from "./run.ts";
import type { RunHistory } from "./storage/history/run-history.ts";
import { DuplicateRunError, withListLock } from "./storage/list-lock.ts";
import type { ListMemory } from "./storage/list-memory.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** What every report on a list contains. */
export interface ListReport {
  list: string;
  requests: RequestCounts;
  /** What a person should know and no number tells. */
  notes: readonly string[];
  ms: number;
  /** The run that does, or has done, what this one was to do: the same event had started both. Then this one did nothing. */
  duplicateOf: string;
}

export interface ListWork<Report extends ListReport, Result> {
  readonly list: string;
  readonly store: ObjectStore;
  readonly memory: ListMemory;
  readonly history: RunHistory | undefined;
  /** The provider's running counts; the report has what this work added to them. */
  readonly requests: RequestCounts;
  readonly run: Run<Report>;
  /** How far the run had got, for the message of an OutOfTimeError. */
  describeProgress(report: Partial<Report>): string;
  /** Runs after the lock is released, with the work's result. */
  afterwards?(result: Result): Promise<void>;
}

/**
 * Does the work while holding the list's lock, and reports how long it took and how many requests it made, even when
 * it fails. If the run is a duplicate, it ends well without the work, and reports of which one.
 *
 * @throws ListBusyError; OutOfTimeError when the function's time runs out; any other error unchanged
 */
export async function workOnList<Report extends ListReport, Result>(
  { list, store, memory, history, requests, run, describeProgress, afterwards }: ListWork<Report, Result>,
  work: () => Promise<Result>,
): Promise<void> {
  const before = { ...requests };
  const report: Partial<ListReport> = run.report;
  report.list = list;
  report.notes = [];
  const lock = {
    list,
    runId: run.id,
    trigger: run.trigger,
    now: run.startedAt,
    expiresAt: run.deadline,
    note: (text: string) => note(run, text),
  };
  try {
    const result = await withListLock(store, lock, async (isFirstRun) => {
      history?.begin();
      await memory.begin({ isFirstRun });
      try {
        return await work();
      } finally {
        await history?.end();
      }
    });
    await afterwards?.(result);
  } catch (error) {
    if (error instanceof DuplicateRunError) report.duplicateOf = error.duplicateOf;
    else
      throw run.signal.aborted ? new OutOfTimeError(describeProgress(run.report), { cause: error }) : error;
  } finally {
    report.requests = {
      sent: requests.sent - before.sent,
      retried: requests.retried - before.retried,
    };
    report.ms = run.now().getTime() - run.startedAt.getTime();
  }
}
