import pMap from "p-map";
import { ConfigurationError, CredentialError, NewsletterSyncError } from "../domain/errors.ts";
import { nameOf } from "../domain/unforeseen-error.ts";
import type { Run } from "../platform/run.ts";
import { eventsKey } from "../platform/storage/object-keys.ts";
import type { EventFile } from "../providers/event-files.ts";
import { type ArchiveTools, archiveFile } from "./archive-file.ts";
import type { ArchiveProgress } from "./archive-progress.ts";
import { NotIncludedError } from "./fetch-file.ts";
import { isSettled } from "./file-labels.ts";
import type { FileReport } from "./report.ts";

export interface ArchiveOptions extends Omit<ArchiveTools, "signal" | "now"> {
  /** Whether to fetch files, too, that are stored and get no more rows. */
  readonly fetchSettled: boolean;
  readonly maxFetched: number;
}

const concurrency = 4;

/**
 * Archives the requested files, a few at a time. A file that fails is recorded and the others go on. When the run's
 * signal fires, files in flight are abandoned and no other is started.
 *
 * @throws ConfigurationError and CredentialError, since every other file would fail, too; NotIncludedError when the
 *   provider gave no file at all
 */
export async function archiveAll(
  progress: ArchiveProgress,
  options: ArchiveOptions,
  run: Run<unknown>,
): Promise<void> {
  const { archive, timeZone, fetchSettled, maxFetched } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const tools = { ...options, now: run.now, signal };
  const notIncluded: EventFile[] = [];

  async function archiveOne(file: EventFile): Promise<void> {
    if (signal.aborted || progress.reports.length >= maxFetched) return;
    try {
      if (!fetchSettled && (await isSettled(archive, file, timeZone))) progress.skipSettled(file);
      else await record(file, await archiveFile(file, tools));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NotIncludedError) await onNotIncluded(file, error);
      else if (error instanceof ConfigurationError || error instanceof CredentialError) stop.abort(error);
      else await record(file, failureOf(file, error));
    }
    run.progress("archiving", progress.requested.length - progress.left, progress.requested.length);
  }

  /** One refused file says little about the others; several refused before any is given speak for all of them. */
  async function onNotIncluded(file: EventFile, error: NotIncludedError): Promise<void> {
    if (hasAnswered(progress)) await record(file, failureOf(file, error));
    else if (notIncluded.push(file) > concurrency) stop.abort(error);
  }

  async function record(file: EventFile, report: FileReport): Promise<void> {
    const mayBeMissing = report.outcome === "failed" || report.outcome === "unavailable";
    progress.add(file, report, mayBeMissing && !(await isStored(report.key)));
  }

  // If the archive cannot tell, the file counts as missing.
  const isStored = (key: string) =>
    archive.describe(key).then(
      (stored) => stored !== undefined,
      () => false,
    );

  await pMap(progress.requested, archiveOne, { concurrency });
  stop.signal.throwIfAborted();
  if (notIncluded.length > 0 && progress.reports.length === 0 && !run.signal.aborted) {
    throw new NotIncludedError();
  }
  for (const file of notIncluded) await record(file, failureOf(file, new NotIncludedError()));
}

/** Whether the provider gave any file, or said that it does not exist. */
function hasAnswered({ reports }: ArchiveProgress): boolean {
  return reports.some(({ outcome, bytes }) => outcome === "unavailable" || bytes !== undefined);
}

function failureOf({ event, date }: EventFile, error: unknown): FileReport {
  const key = eventsKey(event, date);
  return { event, date, key, outcome: "failed", reason: reasonOf(error) };
}

/** Only our own messages are certain to hold nothing that a report must not. */
function reasonOf(error: unknown): string {
  if (error instanceof NewsletterSyncError) return `failed with ${error.name}: ${error.message}`;
  return `failed with ${nameOf(error)}`;
}
