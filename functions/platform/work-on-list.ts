import { OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "./run.ts";
import { withListLock } from "./storage/list-lock.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** What every report on a list tells. */
export interface ListReport {
  list: string;
  requests: { sent: number; retried: number };
  ms: number;
}

export interface ListWork<Report extends ListReport> {
  readonly list: string;
  readonly store: ObjectStore;
  /** Requests to the provider so far: those of this work are reported. */
  readonly requests: { readonly sent: number; readonly retried: number };
  readonly run: Run<Report>;
  /** How far the run had come, for the message that it ran out of time. */
  describeProgress(report: Partial<Report>): string;
  /** What is done when the list is free again. */
  afterwards?(): Promise<void>;
}

/**
 * Does the work of a list while no other run does any of it, and reports how long it took and what it asked of
 * the provider, also when it fails.
 *
 * @throws ListBusyError; OutOfTimeError when the function's time runs out; every other error as it came
 */
export async function workOnList<Report extends ListReport>(
  { list, store, requests, run, describeProgress, afterwards }: ListWork<Report>,
  work: () => Promise<void>,
): Promise<void> {
  const before = { ...requests };
  const report: Partial<ListReport> = run.report;
  report.list = list;
  const lock = { list, runId: run.id, now: run.startedAt, expiresAt: run.deadline };
  try {
    await withListLock(store, lock, work);
    await afterwards?.();
  } catch (error) {
    throw run.signal.aborted ? new OutOfTimeError(describeProgress(run.report), { cause: error }) : error;
  } finally {
    report.requests = {
      sent: requests.sent - before.sent,
      retried: requests.retried - before.retried,
    };
    report.ms = run.now().getTime() - run.startedAt.getTime();
  }
}
