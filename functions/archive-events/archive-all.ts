import pMap from "p-map";
import { ConfigurationError, CredentialError, NewsletterSyncError } from "../domain/errors.ts";
import type { Run } from "../platform/run.ts";
import { eventsKey } from "../platform/storage/object-keys.ts";
import { type ArchiveTools, archiveFile } from "./archive-file.ts";
import { NotIncludedError } from "./fetch-file.ts";
import { isSettled } from "./file-labels.ts";
import type { EventFile, FileReport } from "./report.ts";
import type { Tally } from "./tally.ts";

export interface ArchiveOptions extends Omit<ArchiveTools, "signal" | "now"> {
  readonly timeZone: string;
  /** Whether files are fetched that stand in the archive and get no more rows. */
  readonly fetchesSettled: boolean;
  /** How many files are fetched at the most. */
  readonly mostFetched: number;
}

const filesAtOnce = 4;

/**
 * Archives one file after the other, some at once. One that fails is recorded, and the others go on; when the
 * run's signal fires, those in flight are abandoned and no other is begun.
 *
 * @throws ConfigurationError and CredentialError, as no other file would fare better; NotIncludedError when the
 *   provider gave no file at all
 */
export async function archiveAll(tally: Tally, options: ArchiveOptions, run: Run<unknown>): Promise<void> {
  const { archive, timeZone, fetchesSettled, mostFetched } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const tools = { ...options, now: run.now, signal };
  const notIncluded: EventFile[] = [];

  async function take(file: EventFile): Promise<void> {
    if (signal.aborted || tally.files.length >= mostFetched) return;
    try {
      if (!fetchesSettled && (await isSettled(archive, file, timeZone))) tally.settle(file);
      else await record(file, await archiveFile(file, tools));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NotIncludedError) await doubt(file, error);
      else if (error instanceof ConfigurationError || error instanceof CredentialError) stop.abort(error);
      else await record(file, failureOf(file, error));
    }
    run.progress("archiving", tally.asked.length - tally.left, tally.asked.length);
  }

  /** One file that is refused says little of the others; several, before any is given, say it of all. */
  async function doubt(file: EventFile, error: NotIncludedError): Promise<void> {
    if (isGiven(tally)) await record(file, failureOf(file, error));
    else if (notIncluded.push(file) > filesAtOnce) stop.abort(error);
  }

  async function record(file: EventFile, report: FileReport): Promise<void> {
    const mayBeAbsent = report.outcome === "failed" || report.outcome === "unavailable";
    tally.add(file, report, mayBeAbsent && !(await stands(report.key)));
  }

  // When the archive does not tell, the file counts as absent.
  const stands = (key: string) =>
    archive.describe(key).then(
      (standing) => standing !== undefined,
      () => false,
    );

  await pMap(tally.asked, take, { concurrency: filesAtOnce });
  stop.signal.throwIfAborted();
  if (notIncluded.length > 0 && tally.files.length === 0 && !run.signal.aborted) throw new NotIncludedError();
  for (const file of notIncluded) await record(file, failureOf(file, new NotIncludedError()));
}

/** Whether the provider gave any file, or said that there is none. */
function isGiven({ files }: Tally): boolean {
  return files.some(({ outcome, bytes }) => outcome === "unavailable" || bytes !== undefined);
}

function failureOf({ event, date }: EventFile, error: unknown): FileReport {
  const key = eventsKey(event, date);
  return { event, date, key, outcome: "failed", reason: reasonOf(error) };
}

/** Other messages than ours may hold what no report may. */
function reasonOf(error: unknown): string {
  if (error instanceof NewsletterSyncError) return `failed with ${error.name}: ${error.message}`;
  if (!(error instanceof Error)) return "failed";
  return `failed with ${"code" in error && typeof error.code === "string" ? error.code : error.name}`;
}
