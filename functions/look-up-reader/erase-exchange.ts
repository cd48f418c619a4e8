import pMap from "p-map";
import type { Run } from "../platform/run.ts";
import type { ListedObject } from "../platform/storage/bucket.ts";
import type { HashedReader } from "../platform/storage/history/reader-hash.ts";
import { withListLock } from "../platform/storage/list-lock.ts";
import { exchangePrefixes, lockKey } from "../platform/storage/object-keys.ts";
import { eraseFromHistory } from "./erase-history.ts";
import { eraseFromMemory, type MemoryErasure } from "./erase-memory.ts";
import { eraseFromMirrors, eraseLeftovers, type Mirrors } from "./erase-mirrors.ts";
import { erasePlan } from "./erase-plan.ts";
import { eraseFromObject } from "./erase-stored.ts";

const concurrency = 16;
const hourMs = 3_600_000;
/** A run or an approval may still work with what is younger than this. */
const restingMs = 25 * hourMs;

export interface ExchangeErasure extends MemoryErasure {
  readonly reader: HashedReader;
  /** The mirrors of accounts, for providers of which something must be remembered. */
  readonly mirrors: Mirrors;
}

/** Objects that are erased from together: those of a plan. */
interface Unit {
  readonly keys: readonly string[];
  readonly changedAt: number;
}

/**
 * Takes the reader out of the whole exchange bucket. What a run or an approval could still read or write is changed while
 * the locks of all lists are held; everything else, which is most of it, before.
 *
 * @throws ListBusyError while a run works on a list: what was erased is erased, and the event can be sent again
 */
export async function eraseFromExchange(erasure: ExchangeErasure, run: Run<unknown>): Promise<void> {
  const units = await findUnits(erasure);
  const restingSince = run.startedAt.getTime() - restingMs;
  const resting = units.filter(({ changedAt }) => changedAt < restingSince);
  await eraseUnits(resting, erasure);
  const lists = new Set([...Object.keys(erasure.lists), ...units.flatMap(({ keys }) => keys.map(listOf))]);
  await withLocks([...lists].sort(), { erasure, run }, async () => {
    // Found anew: until now, runs could write.
    const recent = await findUnits(erasure);
    await eraseUnits(
      recent.filter(({ changedAt }) => changedAt >= restingSince),
      erasure,
    );
    for (const list of lists) await eraseFromMemory(list, erasure, run);
    await eraseFromMirrors(erasure, { restingSince });
  });
  await eraseLeftovers(erasure, ({ changedAt }) => changedAt.getTime() < restingSince);
}

async function findUnits({ bucket }: ExchangeErasure): Promise<Unit[]> {
  const { plans, imports, quarantine, returned, history } = exchangePrefixes;
  const objects: ListedObject[] = [];
  for (const prefix of [plans, imports, quarantine, returned, history]) {
    for await (const object of bucket.list(prefix)) objects.push(object);
  }
  const isOfPlan = (key: string) => key.startsWith(plans) || key.startsWith(imports);
  const units = Map.groupBy(objects, ({ key }) =>
    isOfPlan(key) ? key.split("/").slice(0, 3).join("/") : key,
  );
  return [...units.values()].map((unit) => ({
    keys: unit.map(({ key }) => key),
    changedAt: Math.max(...unit.map(({ changedAt }) => changedAt.getTime())),
  }));
}

/** The list's name in a key. */
function listOf(key: string): string {
  return key.split("/")[1] ?? "";
}

async function eraseUnits(units: readonly Unit[], erasure: ExchangeErasure): Promise<void> {
  await pMap(units, (unit) => eraseUnit(unit.keys, erasure), { concurrency });
}

async function eraseUnit(keys: readonly string[], erasure: ExchangeErasure): Promise<void> {
  erasure.signal.throwIfAborted();
  const [first = ""] = keys;
  if (first.startsWith(exchangePrefixes.history)) await eraseFromHistory(first, erasure.reader, erasure);
  else if (first.startsWith(exchangePrefixes.plans)) await erasePlan(keys, erasure);
  else for (const key of keys) await eraseFromObject(key, erasure);
}

/** Takes each lock that was ever taken: one that is made anew would make the next run a first one. */
async function withLocks(
  [list, ...others]: readonly string[],
  { erasure, run }: { readonly erasure: ExchangeErasure; readonly run: Run<unknown> },
  work: () => Promise<void>,
): Promise<void> {
  if (list === undefined) return work();
  const next = () => withLocks(others, { erasure, run }, work);
  const { store } = erasure;
  if ((await store.get(lockKey(list))) === undefined) return next();
  await withListLock(store, { list, runId: run.id, now: run.now(), expiresAt: run.deadline }, next);
}
