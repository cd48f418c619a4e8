import { FileBusyError } from "../domain/archive-errors.ts";
import { exchangePrefixes, reportKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore, StoredObject } from "../platform/storage/object-store.ts";
import {
  indexKey,
  indexPageKey,
  type ReportName,
  reportNameIn,
  runPageKey,
} from "../platform/storage/page-keys.ts";
import { contentType, revisionOf } from "./page.ts";
import { addRun, type IndexedRun, indexRuns, type RunIndex, runIndexSchema } from "./run-index.ts";
import { readReport } from "./shown-report.ts";

/** What keeps the index in the bucket. */
export interface IndexDependencies {
  readonly store: ObjectStore;
  /** The keys under a prefix, in their order. */
  listKeys(prefix: string): AsyncIterable<string>;
  /** Waits a moment after another function wrote first: not all come back at once. */
  pause(attempt: number): Promise<unknown>;
  now(): Date;
}

/** Thirty lists may end their runs within the same second, and one of them wins each time. */
const maxAttempts = 40;

/** A rebuilt index has so many reports at the most: those of the last month of thirty hourly lists, or all of a few nightly ones. */
const mostRebuilt = 20_000;

const readsAtOnce = 32;

/**
 * Adds a run to the index. Of two functions that do so at once, the later one begins again. An index that is lost or damaged
 * is rebuilt of the reports that stand.
 *
 * @throws FileBusyError when others wrote first again and again
 */
export async function addToIndex(run: IndexedRun, dependencies: IndexDependencies): Promise<RunIndex> {
  return await writeIndex(dependencies, async (standing) => {
    const known = standing && parseIndex(standing);
    const index = known ?? (await rebuild(dependencies));
    return addRun(index, run, dependencies.now());
  });
}

/** Makes the index anew of the reports that stand. @throws as addToIndex */
export async function rebuildIndex(dependencies: IndexDependencies): Promise<RunIndex> {
  return await writeIndex(dependencies, () => rebuild(dependencies));
}

async function writeIndex(
  { store, pause }: IndexDependencies,
  change: (standing: StoredObject | undefined) => Promise<RunIndex>,
): Promise<RunIndex> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const standing = await store.get(indexKey);
    const changed = await change(standing);
    const index = { ...changed, revision: changed.revision + 1 };
    const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
    const bytes = Buffer.from(JSON.stringify(index));
    if ((await store.put(indexKey, bytes, { ...condition, contentType: "application/json" })) !== undefined) {
      return index;
    }
    await pause(attempt);
  }
  throw new FileBusyError(maxAttempts);
}

/**
 * Puts the page of an index where people find it, unless a newer one stands there: whoever drew that one knew this run, too.
 *
 * @throws FileBusyError when others wrote first again and again
 */
export async function putIndexPage(
  page: { readonly bytes: Buffer; readonly revision: number },
  { store, pause }: IndexDependencies,
): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const standing = await store.get(indexPageKey);
    if (standing !== undefined && revisionOf(standing.bytes) >= page.revision) return;
    const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
    if ((await store.put(indexPageKey, page.bytes, { ...condition, contentType })) !== undefined) return;
    await pause(attempt);
  }
  throw new FileBusyError(maxAttempts);
}

function parseIndex({ bytes }: StoredObject): RunIndex | undefined {
  try {
    return runIndexSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

/** Its revision goes on from that of the page: else no new page would replace that one. */
async function rebuild(dependencies: IndexDependencies): Promise<RunIndex> {
  const { store, listKeys, now } = dependencies;
  const keys = new Set<string>();
  for await (const key of listKeys(exchangePrefixes.reports)) keys.add(key);
  const names = [...keys].map(reportNameIn).filter((name) => name !== undefined);
  const newest = names.toSorted((one, other) => (one.runId < other.runId ? 1 : -1)).slice(0, mostRebuilt);
  const runs: IndexedRun[] = [];
  for (let from = 0; from < newest.length; from += readsAtOnce) {
    const batch = newest.slice(from, from + readsAtOnce);
    runs.push(...(await Promise.all(batch.map((name) => readRun(store, name, keys.has(runPageKey(name)))))));
  }
  const page = await store.get(indexPageKey);
  return indexRuns(runs, now(), page === undefined ? 0 : revisionOf(page.bytes));
}

async function readRun(store: ObjectStore, name: ReportName, hasPage: boolean): Promise<IndexedRun> {
  const stored = await store.get(reportKey(name.functionName, name.subject, name.runId));
  return { name, report: readReport(stored?.bytes ?? new Uint8Array()).report, hasPage };
}
