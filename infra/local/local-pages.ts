import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { indexPageKey, reportNameIn, runPageKey } from "../../functions/platform/storage/page-keys.ts";
import { showRuns } from "../../functions/show-runs/show-runs.ts";
import { type Exchange, withExchange } from "./exchange.ts";

/**
 * Draws the page of a run as the deployed function does, which no event of an S3 on this machine invokes, and saves it.
 *
 * @param folder where the pages go, as files
 * @returns the page's path
 */
export async function drawPage(
  environment: Readonly<Record<string, string>>,
  reportKey: string,
  folder: string,
): Promise<string | undefined> {
  const name = reportNameIn(reportKey);
  if (name === undefined) return undefined;
  return await withExchange(environment, async (exchange) => {
    const { run } = await showRuns({ report: name }, dependenciesOf(exchange));
    if (run === undefined) return undefined;
    await savePages(exchange.store, [run, indexPageKey], folder);
    return join(folder, run);
  });
}

/** Draws the pages that reports do not have yet, and the index. @returns how many reports there are */
export async function drawMissing(exchange: Exchange): Promise<number> {
  const keys = new Set<string>();
  for await (const key of exchange.listKeys("reports/")) keys.add(key);
  const reports = [...keys].map(reportNameIn).filter((name) => name !== undefined);
  const missing = reports.filter((name) => !keys.has(runPageKey(name)));
  for (const report of missing) await showRuns({ report }, dependenciesOf(exchange));
  if (reports.length > 0) await showRuns({ rebuild: true }, dependenciesOf(exchange));
  return reports.length;
}

function dependenciesOf({ store, listKeys }: Exchange) {
  return {
    store,
    listKeys,
    pause: async () => {},
    now: () => new Date(),
    runbook: undefined,
    memoryMbOf: () => undefined,
  };
}

/** The path of the first index that stands in one of these folders. */
export function indexIn(folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, indexPageKey)).find((path) => existsSync(path));
}

/** Saves pages and all that they lead to as files, whose links lead to each other as those of the bucket do. */
export async function savePages(store: ObjectStore, keys: readonly string[], folder: string): Promise<void> {
  const known = new Set(keys);
  // A set is gone over in the order in which it grows.
  for (const key of known) {
    const object = await store.get(key);
    if (object === undefined) continue;
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, object.bytes);
    if (key.endsWith(".html")) for (const linked of linksIn(object.bytes, key)) known.add(linked);
  }
}

/** The keys that a page links to. */
function linksIn(page: Uint8Array, key: string): string[] {
  const targets = Buffer.from(page)
    .toString()
    .matchAll(/ href="([^"#:]+)"/g);
  return Array.from(targets, ([, target = ""]) => posix.join(posix.dirname(key), target));
}
