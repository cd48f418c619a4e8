import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { ListBusyError } from "../../functions/domain/errors.ts";
import { type EraseDependencies, eraseReader } from "../../functions/look-up-reader/erase-reader.ts";
import type { LookUpReport } from "../../functions/look-up-reader/report.ts";
import { readChanges, readReturns } from "../../functions/planning/plan-rows.ts";
import { readSummary } from "../../functions/planning/stored-summary.ts";
import type { Bucket } from "../../functions/platform/storage/bucket.ts";
import type { FileStore } from "../../functions/platform/storage/file-store.ts";
import { createReaderHash, hashReader } from "../../functions/platform/storage/history/reader-hash.ts";
import { withListLock } from "../../functions/platform/storage/list-lock.ts";
import { openListMemory } from "../../functions/platform/storage/list-memory.ts";
import { eventsKey, importKey, planSummaryKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { planPageKey } from "../../functions/platform/storage/page-keys.ts";
import { Calls, type Fault } from "../support/calls.ts";
import { bucketOver } from "../support/in-memory-bucket.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

// Each call of an erasure fails once, in every way, and the erasure is then sent again.

const hash = createReaderHash("k".repeat(32));
const faults = [
  "fails",
  "is done, and its answer is lost",
  "is done twice, and the second answer counts",
  "never ends, as the run is killed",
] as const satisfies readonly Fault[];

let stored: InMemoryStore;
let planId: string;
let lists: EraseDependencies["lists"];

beforeAll(async () => {
  const unsubscribedAt = Date.UTC(2026, 4, 1);
  const world = new SyncWorld(
    [["left@example.fr", { subscribed: false, cause: "READER", unsubscribedAt, fields: {} }]],
    [{ email: "anna@example.fr" }, { email: "bob@example.fr" }, { email: "left@example.fr" }],
    { returns: { kind: "csv" } },
  );
  world.columns = [];
  world.readHash = async () => hash;
  world.rejected = [{ email: "anna@example.fr", reason: "two rows", place: "line 5", unsubscribed: false }];
  ({ planId = "" } = await world.run({ mode: "plan" }));
  stored = world.store;
  lists = { daily: world.list };
  const memory = openListMemory({ store: stored, list: "daily", graceHours: 24, now, note: () => undefined });
  for (const email of ["anna@example.fr", "left@example.fr"])
    (await memory.acts()).record(email, "unsubscribed", now().getTime());
  await memory.save();
  const rows = "email,url\nanna@example.fr,\nleft@example.fr,\nbob@example.fr,\n";
  await stored.put(eventsKey("nl_click", "2026-05-01"), gzipSync(rows));
  await stored.put(importKey("daily", "run", { group: "subscribe", number: 0 }), Buffer.from(rows));
  await stored.put(
    planPageKey("daily", planId),
    Buffer.from("<td>anna@example.fr</td><td>left@example.fr</td>"),
  );
});

const now = () => new Date(Date.UTC(2026, 5, 1));

function filesOver(store: InMemoryStore): Pick<FileStore, "upload" | "labelsOf" | "label"> {
  return {
    async upload(key, chunks, options) {
      return await store.put(key, await buffer(chunks), options);
    },
    labelsOf: async () => ({}),
    label: async () => undefined,
  };
}

async function erase(
  email: string,
  store: InMemoryStore,
  { calls = new Calls(), reader = hashReader(hash, email) } = {},
): Promise<LookUpReport> {
  const bucket = bucketOver(store, now());
  const files = filesOver(store);
  const faultyStore: ObjectStore = {
    get: (key) => calls.make(`get ${key}`, () => store.get(key)),
    put: (key, ...put) => calls.make(`put ${key}`, () => store.put(key, ...put)),
  };
  const faultyBucket: Bucket = {
    list: (prefix) => bucket.list(prefix),
    open: (key) => calls.make(`open ${key}`, () => bucket.open(key)),
    remove: (key) => calls.make(`remove ${key}`, () => bucket.remove(key)),
  };
  const faultyFiles = {
    ...files,
    // What is uploaded twice is the same.
    upload: async (...[key, chunks, options]: Parameters<FileStore["upload"]>) => {
      const received = await buffer(chunks);
      return await calls.make(`upload ${key}`, () => files.upload(key, Readable.from([received]), options));
    },
  } as unknown as FileStore;
  const place = { bucket: faultyBucket, files: faultyFiles };
  const never = () => Promise.reject(new TypeError("an erasure of Ownpage's lists reads no side"));
  const dependencies: EraseDependencies = {
    ...{ lists, store: faultyStore, ...place, archive: place },
    mirrors: { eraseContacts: async () => 0, liveRows: async () => new Set() },
    remembersLeavers: () => false,
    providerOf: never as never,
    openSource: never,
  };
  const run = testRun<LookUpReport>({ at: now().getTime() + 3_600_000 });
  const erasing = eraseReader({ email, erase: true }, { dependencies, reader }, run);
  await Promise.race([erasing, calls.killed.then(() => Promise.reject(new Error("the run was killed")))]);
  return run.report as LookUpReport;
}

function copyOf(store: InMemoryStore): InMemoryStore {
  const copy = new InMemoryStore();
  for (const [key, object] of store.objects) copy.objects.set(key, object);
  return copy;
}

function holding(email: string, { objects }: InMemoryStore): string[] {
  const texts = [...objects].map(([key, { bytes }]) => [
    key,
    Buffer.from(key.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString(),
  ]);
  return texts.filter(([, text = ""]) => text.includes(email)).map(([key = ""]) => key);
}

/** The addresses in a plan, as an approval reads them. */
async function approvable(store: InMemoryStore): Promise<string[]> {
  const key = planSummaryKey("daily", planId);
  const plan = await readSummary(store, { list: "daily", planId, key }, now());
  const rows = await Promise.all(
    plan.chunks.map((chunk) => (chunk.group === "return" ? readReturns : readChanges)(store, plan, chunk)),
  );
  return rows.flat().map(({ email }) => email);
}

async function remembered(email: string, store: InMemoryStore): Promise<unknown> {
  const memory = openListMemory({ store, list: "daily", graceHours: 24, now, note: () => undefined });
  return (await memory.acts()).lastActOn(email);
}

test.each([
  ["anna@example.fr", ["bob@example.fr", "left@example.fr"]],
  ["left@example.fr", ["anna@example.fr", "bob@example.fr"]],
])(
  "an erasure of %s that fails somewhere and is sent again leaves nobody else's plan unusable",
  async (email, others) => {
    const calls = new Calls();
    const usual = copyOf(stored);
    const { erased } = await erase(email, usual, { calls });
    expect(calls.places.length).toBeGreaterThan(25);
    expect(holding(email, usual)).toEqual([]);
    let failures = 0;
    for (const place of calls.places) {
      for (const fault of faults) {
        const store = copyOf(stored);
        const first = await erase(email, store, { calls: new Calls([[place, fault]]) }).catch(
          () => undefined,
        );
        if (first === undefined) {
          failures++;
          // Whoever killed it did not release its locks.
          for (const key of store.objects.keys()) {
            if (key.startsWith("locks/")) store.objects.set(key, stored.objects.get(key)!);
          }
          await erase(email, store);
        } else expect([place, fault, first.erased]).toEqual([place, fault, erased]);
        expect([place, fault, holding(email, store)]).toEqual([place, fault, []]);
        expect([place, fault, await remembered(email, store)]).toEqual([place, fault, undefined]);
        expect((await approvable(store)).toSorted()).toEqual(others);
      }
    }
    expect(failures).toBeGreaterThan(calls.places.length);
  },
);

test("what is damaged or has hashes of another key is named in the receipt", async () => {
  const store = copyOf(stored);
  const [history = ""] = [...store.objects.keys()].filter((key) => key.startsWith("history/"));
  const damaged = "quarantine/daily/run/rows-00000.ndjson.gz";
  await store.put(damaged, gzipSync("rows").subarray(0, -9));
  const otherKey = { hash: "x".repeat(32), keyName: "other" };
  const { unreadable, notes } = await erase("anna@example.fr", store, { reader: otherKey });
  expect(unreadable.toSorted()).toEqual([history, damaged]);
  expect(notes).toEqual([expect.stringMatching(/: 2$/)]);
});

test("while a run works on a list, what that run may use stays, and the erasure says that the list is busy", async () => {
  const store = copyOf(stored);
  const lock = {
    list: "daily",
    runId: "another",
    now: now(),
    expiresAt: new Date(now().getTime() + 7_200_000),
  };
  const before = holding("anna@example.fr", store);
  await withListLock(store, lock, () =>
    expect(erase("anna@example.fr", store)).rejects.toThrow(ListBusyError),
  );
  expect(holding("anna@example.fr", store)).toEqual(before);
  await erase("anna@example.fr", store);
  expect(holding("anna@example.fr", store)).toEqual([]);
});
