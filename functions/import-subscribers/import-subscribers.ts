import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findList, type ListConfiguration } from "../configuration.ts";
import { SourceError, UnsafeImportError } from "../domain/errors.ts";
import { findImportRefusal } from "../domain/safety.ts";
import { note, type Run } from "../platform/run.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { createQuarantine } from "../platform/storage/quarantine.ts";
import { workOnList } from "../platform/work-on-list.ts";
import type { Importer } from "../providers/importer.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { goodImportEvent, type ImportEvent } from "./event.ts";
import type { ImportedFile, ImportReport } from "./report.ts";
import { wantedRows } from "./wanted-rows.ts";
import { watchCounts } from "./watch-counts.ts";
import { writeFiles } from "./write-files.ts";

export interface ImportDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  readonly store: ObjectStore;
  /** The same bucket, as a store of files. */
  readonly files: FileStore;
  /** @param deadline when Lambda ends the function: the importer waits for nothing beyond it */
  importerOf(name: string, list: ListConfiguration, deadline: Date): Importer;
  openSource(list: ListConfiguration, signal: AbortSignal): Promise<SourceReading>;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

interface Job {
  readonly name: string;
  readonly list: ListConfiguration;
  readonly importer: Importer;
  readonly dependencies: ImportDependencies;
  readonly run: Run<ImportReport>;
}

/**
 * Writes the subscribers that a list's source wants as CSV files, and has the provider import them. No file is announced
 * before all of them are whole.
 *
 * @throws OutOfTimeError when the function's time runs out; every other error unchanged
 */
export async function importSubscribers(
  event: ImportEvent,
  dependencies: ImportDependencies,
  run: Run<ImportReport>,
): Promise<void> {
  const name = event.list;
  const list = findList(dependencies.lists, name, goodImportEvent);
  const importer = dependencies.importerOf(name, list, run.deadline);
  const job: Job = { name, list, importer, dependencies, run };
  run.report.dryRun = event.dryRun;
  const { store } = dependencies;
  const { requests } = importer;
  const work = { list: name, store, requests, run, describeProgress };
  if (event.dryRun) await workOnList(work, async () => void (await writeList(job)));
  else await workOnList({ ...work, afterwards: () => watch(job) }, () => importList(job, event));
}

async function importList(job: Job, { list: name, allowUnsubscribed }: ImportEvent): Promise<void> {
  const { list, importer, run } = job;
  const { subscribed, unsubscribed } = await importer.countSubscribers(run.signal);
  const before = { subscribed, unsubscribed };
  run.report.before = before;
  const files = await writeList(job);
  const { unsubscribed: leaving = 0 } = run.report.rows ?? {};
  const allowed = allowUnsubscribed ?? list.import.allowUnsubscribed;
  const numbers = { unsubscribed: leaving, allowed, subscribers: subscribed };
  const refusal = findImportRefusal(numbers, list.limits);
  if (refusal !== undefined) {
    throw new UnsafeImportError(refusal, { list: name, allowUnsubscribed: leaving });
  }
  for (const [announced, file] of files.entries()) {
    await announce(file, job);
    run.progress("announcing the files", announced + 1, files.length);
  }
}

/** Runs without the lock: it only reads. */
async function watch({ list, importer, dependencies, run }: Job): Promise<void> {
  const limitMs = list.import.settleSeconds * 1000;
  const { sleep } = dependencies;
  await watchCounts({ importer, limitMs, sleep }, run);
  if (run.report.settled) return;
  note(
    run,
    "the provider's counts did not settle: the import is still running, changes nothing or has not begun",
  );
}

async function writeList(job: Job): Promise<ImportedFile[]> {
  const folder = await mkdtemp(join(tmpdir(), "newsletter-sync-import-"));
  try {
    return await writeListVia(folder, job);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param folder for the parts of the list while they are sorted out */
async function writeListVia(folder: string, { name, list, dependencies, run }: Job): Promise<ImportedFile[]> {
  const quarantine = createQuarantine(dependencies.store, name, run.id);
  const counts = { active: 0, unsubscribed: 0, rejected: 0, duplicates: 0, sharedGuids: 0 };
  run.report.rows = counts;
  run.report.files = [];
  const source = await dependencies.openSource(list, run.signal);
  try {
    const rows = wantedRows(source, { folder, quarantine, counts }, run);
    const { columns } = source;
    const { rowsPerFile } = list.import;
    const options = { files: dependencies.files, list: name, columns, rowsPerFile };
    const files = await writeFiles(rows, options, run);
    await quarantine.finish();
    if (files.length > 0) return files;
    const problem = `none of its ${counts.rejected} rows has an address that a provider would take`;
    throw new SourceError("its rows", problem);
  } finally {
    await source.close();
  }
}

async function announce(file: ImportedFile, { list, importer, dependencies, run }: Job): Promise<void> {
  const link = await dependencies.files.linkTo(file.key, list.import.linkMinutes * 60_000);
  file.announced = true;
  const { id, status, bytes } = await importer.importFile(link, run.signal);
  file.import = { id, status };
  if (bytes === undefined || bytes === file.bytes) return;
  note(run, `the provider says that the file of import ${id} has ${bytes} bytes, but it has ${file.bytes}`);
}

function describeProgress({ files = [] }: Partial<ImportReport>): string {
  const announced = files.filter((file) => file.announced).length;
  if (announced === 0) return "no file was announced";
  const answered = files.filter((file) => file.import !== undefined).length;
  const doubt = answered < announced ? ", the last one perhaps in vain" : "";
  return `${announced} of ${files.length} files were announced${doubt}`;
}
