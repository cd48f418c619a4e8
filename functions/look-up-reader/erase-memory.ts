import type { ListConfiguration } from "../configuration.ts";
import type { Run } from "../platform/run.ts";
import { openListMemory } from "../platform/storage/list-memory.ts";
import { memoryKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { StoredErasure } from "./erase-stored.ts";

/** For a list that the configuration no longer has: the longest that an act can be remembered. */
const longestGraceHours = 24 * 30;

export interface MemoryErasure extends StoredErasure {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
}

/**
 * Has the memory of a list forget the reader. To be called while the list's lock is held.
 *
 * @throws what S3 fails with: a run goes on without its memory, but nobody may say that it forgot what it did not
 */
export async function eraseFromMemory(
  list: string,
  erasure: MemoryErasure,
  run: Run<unknown>,
): Promise<void> {
  const { lists, matcher, tally } = erasure;
  const failures: unknown[] = [];
  const store = keepingFailures(erasure.store, failures);
  const graceHours = lists[list]?.graceHours ?? longestGraceHours;
  const memory = openListMemory({ store, list, graceHours, now: () => run.now(), note: () => undefined });
  const acts = (await memory.acts()).forget(matcher.canonical);
  const returns = (await memory.returns()).forget(matcher.canonical);
  const pushes = (await memory.pushes()).forget(matcher.canonical);
  const refusals = await memory.refusals();
  const refused = [...matcher.spellings].map((email) => refusals.forgetAddress(email)).includes(true);
  const rejections = await memory.rejections();
  const rejected = [...matcher.spellings].map((email) => rejections.forget(email)).includes(true);
  await memory.save();
  if (failures.length > 0) throw failures[0];
  const forgotten = [
    ["acts.bin", acts],
    ["returns.bin", returns],
    ["pushes.bin", pushes],
    ["refusals.bin", refused],
    ["rejections.bin", rejected],
  ] as const;
  for (const [file, isForgotten] of forgotten) {
    tally.searched++;
    if (isForgotten) tally.add(memoryKey(list, file), 1);
  }
}

/** A memory notes a failure of S3 and goes on. */
function keepingFailures(store: ObjectStore, failures: unknown[]): ObjectStore {
  const keep = (error: unknown): never => {
    failures.push(error);
    throw error;
  };
  return {
    get: (key) => store.get(key).catch(keep),
    put: (...put) => store.put(...put).catch(keep),
  };
}
