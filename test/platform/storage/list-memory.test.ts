import { S3Client } from "@aws-sdk/client-s3";
import { fc, test as property } from "@fast-check/vitest";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../functions/domain/errors.ts";
import { type Change, type GroupCounts, noChanges } from "../../../functions/domain/plan.ts";
import type { Act } from "../../../functions/domain/remembered.ts";
import { openListMemory } from "../../../functions/platform/storage/list-memory.ts";
import type { SeenRow } from "../../../functions/platform/storage/memory/rejection-memory.ts";
import { memoryKey } from "../../../functions/platform/storage/object-keys.ts";
import { createObjectStore, type ObjectStore } from "../../../functions/platform/storage/object-store.ts";
import { type EmbeddedS3, startEmbeddedS3 } from "../../../infra/local/embedded-s3.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

const files = ["budget.json", "acts.bin", "refusals.bin", "rejections.bin"] as const;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 10, 30, 6);
const nothing: GroupCounts = noChanges();
const usedUp = Number.POSITIVE_INFINITY;

let store: ObjectStore;
let time: number;
let notes: string[];
let list = "daily";

beforeEach(async () => {
  store = new InMemoryStore();
  time = start;
  notes = [];
  list = "daily";
  await liveTheFirstRun();
});

/** A run that sends nothing. */
async function liveTheFirstRun() {
  await open().begin({ isFirstRun: true });
}

/** A run of its own: runs share nothing but the store. */
function open() {
  const now = () => new Date(time);
  return openListMemory({ store, list, graceHours: 24, now, note: (text) => void notes.push(text) });
}

const keyOf = (file: (typeof files)[number]) => memoryKey(list, file);

/** A run that sends all it planned. */
async function sent(runId: string, counts: Partial<GroupCounts>, exempt?: "approved" | "filling") {
  const budget = await open().budget();
  await budget.begin(runId, { ...nothing, ...counts }, exempt);
  await budget.end(runId, { ...nothing, ...counts });
}

async function spent() {
  return (await open().budget()).spent;
}

async function record(address: string, kind: Act["kind"], at = time) {
  const memory = open();
  (await memory.acts()).record(address, kind, at);
  await memory.save();
}

async function actOn(address: string) {
  return (await open().remembered()).lastActOn(address);
}

const subscribing = (email: string, fields: Record<string, string> = {}): Change => ({
  kind: "subscribe",
  email,
  fields,
  saw: null,
  reason: "not at the provider",
});
const saw = { subscribed: true, fields: {} };
const updating = (email: string, fields: Record<string, string>): Change => ({
  kind: "update",
  email,
  fields,
  saw,
  reason: "differs",
});
const unsubscribing = (email: string, cause: "READER" | "PUBLISHER"): Change => ({
  kind: "unsubscribe",
  email,
  cause,
  saw,
  reason: "unsubscribed in the database",
});

async function refuse(...changes: Change[]) {
  const memory = open();
  const refusals = await memory.refusals();
  for (const change of changes) refusals.record(change, time);
  await memory.save();
}

/** The provider fails at each of these, sent alone. */
async function failAt(...changes: Change[]) {
  const memory = open();
  const refusals = await memory.refusals();
  for (const change of changes) refusals.recordFailure(change, time);
  await memory.save();
}

async function hasFailedForADay(change: Change) {
  return (await open().refusals()).hasFailedForADay(change);
}

/** A run that sets these rows of the source aside. @returns how many of them are new */
async function reject(...rows: SeenRow[]) {
  const memory = open();
  const rejections = await memory.rejections();
  for (const row of rows) rejections.see(row);
  await memory.save();
  return rejections.newRows;
}

async function accept(change: Change) {
  const memory = open();
  (await memory.refusals()).forget(change);
  await memory.save();
}

async function wasRefused(change: Change) {
  return (await open().remembered()).wasRefused(change);
}

describe("the day's budget", () => {
  test("counts what runs of the last 24 hours sent, by group", async () => {
    await sent("first", { unsubscribe: 2, update: 5 });
    time += 23 * hourMs;
    await sent("second", { update: 1, fill: 7 });
    expect(await spent()).toEqual({ ...nothing, unsubscribe: 2, update: 6, fill: 7 });
    time += hourMs;
    expect(await spent()).toEqual({ ...nothing, update: 1, fill: 7 });
    time += 23 * hourMs;
    expect(await spent()).toEqual(nothing);
  });

  test("counts what was planned until the run ends, so all of it if the run is killed", async () => {
    const budget = await open().budget();
    await budget.begin("run", { ...nothing, subscribe: 300 });
    expect((await spent()).subscribe).toBe(300);
    await budget.end("run", { ...nothing, subscribe: 40 });
    expect((await spent()).subscribe).toBe(40);
    expect(budget.spent).toEqual(nothing);
  });

  test("does not count what a person approved or what filled an empty list", async () => {
    await sent("approved", { unsubscribe: 900 }, "approved");
    await sent("filling", { subscribe: 50_000 }, "filling");
    await sent("plain", { subscribe: 3 });
    expect(await spent()).toEqual({ ...nothing, subscribe: 3 });
  });

  test("is not written by a run that sends nothing, and drops a run that sent nothing in the end", async () => {
    const { etag } = (await store.get(keyOf("budget.json")))!;
    await sent("idle", {});
    expect(await store.get(keyOf("budget.json"))).toMatchObject({ etag });
    const budget = await open().budget();
    await budget.begin("failed", { ...nothing, update: 9 });
    await budget.end("failed", nothing);
    expect(await spent()).toEqual(nothing);
  });

  test("stays right and small with a run every five minutes for two days", async () => {
    for (let run = 0; run < 2 * 288; run++) {
      await sent(`run-${run}`, { update: 1 }, run % 2 === 0 ? undefined : "approved");
      time += 5 * minuteMs;
    }
    const { update } = await spent();
    expect(update).toBeGreaterThanOrEqual(143);
    // The runs of the oldest hour are forgotten together, when the last of them is.
    expect(update).toBeLessThanOrEqual(144 + 6);
    expect((await store.get(keyOf("budget.json")))!.bytes.length).toBeLessThan(50_000);
  });

  test("of a run that filled an empty list counts all but the new subscribers", async () => {
    await sent("filling", { subscribe: 50_000, update: 2 }, "filling");
    expect(await spent()).toEqual({ ...nothing, update: 2 });
    for (let run = 0; run < 2 * 200; run++) await sent(`run-${run}`, { fill: 1 });
    expect(await spent()).toEqual({ ...nothing, update: 2, fill: 400 });
  });

  test("knows for a day that an empty list is being filled, until a run has finished that", async () => {
    const isFilling = async () => (await open().budget()).isFilling;
    const interrupted = async (runId: string) =>
      (await open().budget()).begin(runId, { ...nothing, subscribe: 9 }, "filling");
    expect(await isFilling()).toBe(false);
    await interrupted("first");
    time += 23 * hourMs;
    await interrupted("second");
    expect(await isFilling()).toBe(true);
    time += hourMs;
    expect(await isFilling()).toBe(false);
    await interrupted("third");
    const budget = await open().budget();
    await budget.endFilling();
    expect([budget.isFilling, await isFilling()]).toEqual([true, false]);
  });

  test("accepts groups that only a later version knows", async () => {
    const counts = { ...nothing, update: 2, later: 5 };
    const run = { runId: "later", at: new Date(time).toISOString(), counts };
    await store.put(keyOf("budget.json"), Buffer.from(JSON.stringify({ version: 1, runs: [run] })));
    expect(await spent()).toEqual({ ...nothing, update: 2 });
    expect(notes).toEqual([]);
  });
});

describe("acts", () => {
  test("are known to later runs: the last one of each address, to the minute", async () => {
    await record("anna@example.fr", "subscribed", start + 59_999);
    await record("ben@example.fr", "subscribed");
    time += hourMs;
    await record("ben@example.fr", "unsubscribed");
    expect(await actOn("anna@example.fr")).toEqual({ kind: "subscribed", at: start });
    expect(await actOn("ben@example.fr")).toEqual({ kind: "unsubscribed", at: start + hourMs });
    expect(await actOn("clara@example.fr")).toBeUndefined();
  });

  test("are not known to the run that records them", async () => {
    const memory = open();
    const acts = await memory.acts();
    acts.record("anna@example.fr", "subscribed", time);
    await memory.save();
    expect(acts.lastActOn("anna@example.fr")).toBeUndefined();
  });

  test("that subscribed are forgotten after graceHours, acts that unsubscribed are not", async () => {
    await record("anna@example.fr", "subscribed");
    await record("ben@example.fr", "unsubscribed");
    time += 24 * hourMs;
    expect(await actOn("anna@example.fr")).toMatchObject({ kind: "subscribed" });
    time += minuteMs;
    expect(await actOn("anna@example.fr")).toBeUndefined();
    time += 5 * 365 * dayMs;
    await record("clara@example.fr", "subscribed");
    expect(await actOn("ben@example.fr")).toMatchObject({ kind: "unsubscribed", at: start });
    expect((await store.get(keyOf("acts.bin")))!.bytes).toHaveLength(32 + 2 * 16);
  });

  const address = fc.nat(12).map((n) => `reader.${n}@example.fr`);
  const kind = fc.constantFrom<Act["kind"]>("subscribed", "unsubscribed");
  const run = fc.record({
    waits: fc.nat(30 * 60),
    acts: fc.array(fc.tuple(address, kind), { maxLength: 15 }),
  });
  property.prop([fc.array(run, { maxLength: 8 })])(
    "match those of a plain map, run after run",
    async (runs) => {
      store = new InMemoryStore();
      time = start;
      const expected = new Map<string, Act>();
      for (const { waits, acts } of runs) {
        time += waits * minuteMs;
        const memory = open();
        const remembered = await memory.acts();
        for (const [who, what] of acts) {
          remembered.record(who, what, time);
          expected.set(who, { kind: what, at: time });
        }
        await memory.save();
        for (let n = 0; n <= 12; n++) {
          const who = `reader.${n}@example.fr`;
          const act = expected.get(who);
          const isOver = act?.kind === "subscribed" && act.at < time - dayMs;
          expect(await actOn(who)).toEqual(isOver ? undefined : act);
        }
      }
      expect(notes).toEqual([]);
    },
  );
});

describe("refusals", () => {
  const row = subscribing("anna@example.fr", { data_name: "Anna", guid: "r-1" });

  test("hold for a week, even if the row is refused again during it", async () => {
    await refuse(row);
    time += 6 * dayMs;
    expect(await wasRefused(row)).toBe(true);
    await refuse(row);
    time += dayMs;
    expect(await wasRefused(row)).toBe(false);
    await refuse(row);
    expect(await wasRefused(row)).toBe(true);
  });

  test("hold for the same content, whatever the kind of change and the order of fields", async () => {
    await refuse(row);
    expect(await wasRefused(updating(row.email, { guid: "r-1", data_name: "Anna" }))).toBe(true);
    for (const changed of [
      subscribing(row.email, { data_name: "Anne", guid: "r-1" }),
      subscribing(row.email, { data_name: "Anna" }),
      subscribing("Anna@example.fr", { data_name: "Anna", guid: "r-1" }),
      unsubscribing(row.email, "READER"),
    ]) {
      expect(await wasRefused(changed)).toBe(false);
    }
    await refuse(unsubscribing("ben@example.fr", "READER"));
    expect(await wasRefused(unsubscribing("ben@example.fr", "READER"))).toBe(true);
    expect(await wasRefused(unsubscribing("ben@example.fr", "PUBLISHER"))).toBe(false);
    expect(await wasRefused(subscribing("ben@example.fr"))).toBe(false);
  });

  test("do not confuse the value of a field with another field", async () => {
    await refuse(subscribing(row.email, { data_a: "x", data_b: "y" }));
    expect(await wasRefused(subscribing(row.email, { data_a: 'x","data_b":"y' }))).toBe(false);
  });

  test("are forgotten when a changed row of the address is refused, or any is accepted", async () => {
    const changed = subscribing(row.email, { data_name: "Anne" });
    await refuse(row, subscribing("ben@example.fr"));
    await refuse(changed);
    expect([await wasRefused(row), await wasRefused(changed)]).toEqual([false, true]);
    await accept(subscribing(row.email, { data_name: "A." }));
    expect([await wasRefused(row), await wasRefused(changed)]).toEqual([false, false]);
    expect(await wasRefused(subscribing("ben@example.fr"))).toBe(true);
  });

  test("hold for each spelling of an address that the provider has in two", async () => {
    const spellings = [
      unsubscribing("anna@example.fr", "READER"),
      unsubscribing("Anna@example.fr", "READER"),
    ];
    await refuse(...spellings);
    expect(await Promise.all(spellings.map(wasRefused))).toEqual([true, true]);
    await accept(spellings[0]!);
    expect(await Promise.all(spellings.map(wasRefused))).toEqual([false, true]);
  });

  test("of this run do not count as earlier ones", async () => {
    const refusals = await open().refusals();
    refusals.record(row, time);
    expect(refusals.wasRefused(row)).toBe(false);
  });
});

describe("failures at a row that was sent alone", () => {
  const row = subscribing("anna@example.fr", { data_name: "Anna" });

  test("are no refusal, and count from a day after the first one", async () => {
    await failAt(row);
    for (const [hours, isLong] of [
      [0, false],
      [19, false],
      [21, true],
      [9 * 24, true],
    ] as const) {
      time = start + hours * hourMs;
      expect([await hasFailedForADay(row), await wasRefused(row)]).toEqual([isLong, false]);
      await failAt(row);
    }
    time = start + 14 * dayMs;
    expect(await hasFailedForADay(row)).toBe(false);
  });

  test("are forgotten when the row changes, or any row of the address is accepted", async () => {
    const changed = subscribing(row.email, { data_name: "Anne" });
    await failAt(row);
    time += dayMs;
    expect([await hasFailedForADay(row), await hasFailedForADay(changed)]).toEqual([true, false]);
    await failAt(changed);
    expect(await hasFailedForADay(row)).toBe(false);
    await accept(row);
    time += dayMs;
    expect(await hasFailedForADay(changed)).toBe(false);
  });

  test("become a refusal that holds for a week, after which they still count", async () => {
    await failAt(row);
    time += dayMs;
    await refuse(row);
    time += 6 * dayMs;
    expect(await wasRefused(row)).toBe(true);
    time += dayMs;
    expect([await wasRefused(row), await hasFailedForADay(row)]).toEqual([false, true]);
  });
});

const noAddress: SeenRow = { email: "ben at example", reason: "email has no @" };

describe("rows of the source that were set aside", () => {
  test("are new once, whichever run meets them next, and wherever they stand by then", async () => {
    expect(await reject(noAddress)).toBe(1);
    expect(await reject(noAddress)).toBe(0);
    time += 89 * dayMs;
    expect(await reject(noAddress)).toBe(0);
  });

  test("are new again with another reason, address or guid", async () => {
    await reject(noAddress);
    const others = [
      { reason: "subscribed: expected an answer" },
      { guid: "7" },
      { email: "anna at example" },
    ];
    for (const other of others) expect(await reject({ ...noAddress, ...other })).toBe(1);
  });

  test("that nothing tells apart are counted: one more of them is new", async () => {
    const empty = { email: "", reason: "email is empty" };
    expect(await reject(empty, empty, empty)).toBe(3);
    expect(await reject(empty, empty, empty)).toBe(0);
    expect(await reject(empty, empty, empty, empty)).toBe(1);
    await reject(empty);
    expect(await reject(empty, empty)).toBe(1);
  });

  test("are forgotten 90 days after the last run that set them aside, and written once a day while they stay", async () => {
    await reject(noAddress);
    const { etag } = (await store.get(keyOf("rejections.bin")))!;
    time += hourMs;
    await reject(noAddress);
    expect(await store.get(keyOf("rejections.bin"))).toMatchObject({ etag });
    time += dayMs;
    await reject(noAddress);
    expect(await store.get(keyOf("rejections.bin"))).not.toMatchObject({ etag });
    time += 89 * dayMs;
    await reject();
    expect(await reject(noAddress)).toBe(0);
    time += 91 * dayMs;
    expect(await reject(noAddress)).toBe(1);
  });

  test("are forgotten by a run that reads the source again, or that does not save", async () => {
    const rejections = await open().rejections();
    rejections.see(noAddress);
    rejections.restart();
    expect(rejections.newRows).toBe(0);
    rejections.see(noAddress);
    expect(rejections.newRows).toBe(1);
    expect(await reject(noAddress)).toBe(1);
  });

  test("are remembered up to 100,000; of more than that the rest is new to every run", async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ ...noAddress, email: `reader ${n}` }));
    expect(await reject(...rows(100_010))).toBe(100_010);
    expect(await reject(...rows(100_010))).toBe(10);
    expect((await store.get(keyOf("rejections.bin")))!.bytes.length).toBeLessThanOrEqual(2_000_032);
  });
});

/** A run that leaves something in each memory. */
async function liveARun(runId = "run") {
  const memory = open();
  const budget = await memory.budget();
  await budget.begin(runId, { ...nothing, unsubscribe: 4, subscribe: 30 });
  (await memory.acts()).record("anna@example.fr", "unsubscribed", time);
  (await memory.refusals()).record(subscribing("ben@example.fr"), time);
  (await memory.rejections()).see(noAddress);
  await budget.end(runId, { ...nothing, unsubscribe: 4, subscribe: 30 });
  await memory.save();
}

async function whatIsKnown() {
  const memory = open();
  const rejections = await memory.rejections();
  rejections.see(noAddress);
  const { newRows } = rejections;
  rejections.restart();
  const remembered = await memory.remembered();
  const known = {
    spent: (await memory.budget()).spent,
    act: remembered.lastActOn("anna@example.fr")?.kind,
    refused: remembered.wasRefused(subscribing("ben@example.fr")),
    newRows,
  };
  return { memory, known };
}

const everything = {
  spent: { ...nothing, unsubscribe: 4, subscribe: 30 },
  act: "unsubscribed",
  refused: true,
  newRows: 0,
};
const strict = {
  spent: {
    ...nothing,
    missing: usedUp,
    subscribe: usedUp,
    resubscribe: usedUp,
    update: usedUp,
    fill: usedUp,
    return: usedUp,
  },
  act: undefined,
  refused: false,
  newRows: 1,
};

describe("memory that is missing or damaged, or that S3 fails to read or write", () => {
  test("the first run of a list: nothing is known, without a note", async () => {
    store = new InMemoryStore();
    await liveTheFirstRun();
    const { known } = await whatIsKnown();
    expect(known).toEqual({ spent: nothing, act: undefined, refused: false, newRows: 1 });
    expect(notes).toEqual([]);
  });

  test.each([
    ["cut", (bytes: Uint8Array) => bytes.subarray(0, -5)],
    ["empty", () => new Uint8Array()],
    ["altered", (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 11 ? byte ^ 1 : byte))],
    ["of another version", () => Buffer.from(JSON.stringify({ version: 2, runs: [] }))],
    ["no JSON", () => Buffer.from("<html>")],
    ["large and of something else", () => new Uint8Array(3_000_000).fill(0x20)],
  ])("objects that are %s get the strictest reading and a note, and are replaced", async (_, harm) => {
    await liveARun();
    for (const file of files) await store.put(keyOf(file), harm((await store.get(keyOf(file)))!.bytes));
    const { memory, known } = await whatIsKnown();
    expect(known).toEqual(strict);
    expect(notes.map((note) => note.split(" ")[0]).sort()).toEqual(files.map(keyOf).sort());
    await memory.save();
    notes = [];
    expect((await whatIsKnown()).known).toEqual(strict);
    await liveARun("next");
    const { spent, ...others } = everything;
    expect((await whatIsKnown()).known).toEqual({ ...others, spent: { ...strict.spent, unsubscribe: 4 } });
    for (const note of notes)
      expect(note).toMatch(/^memory\/daily\/budget\.json was lost: .* until 2026-12-01T06:00/);
    time += dayMs;
    notes = [];
    await liveARun("after a day");
    expect((await whatIsKnown()).known).toEqual(everything);
    expect(notes).toEqual([]);
  });

  test("a budget that is missing although the list had runs is lost for 24 hours", async () => {
    (store as InMemoryStore).objects.delete(keyOf("budget.json"));
    expect(await spent()).toEqual(strict.spent);
    expect(notes).toEqual([
      "memory/daily/budget.json is missing, to be replaced: all daily limits but that of unsubscriptions count as used " +
        "up until 2026-12-01T06:00:00.000Z",
    ]);
    time += dayMs - 1;
    expect(await spent()).toEqual(strict.spent);
    time += 1;
    expect(await spent()).toEqual(nothing);
  });

  test("a lost budget that could not be replaced is found again by the next run", async () => {
    (store as InMemoryStore).objects.delete(keyOf("budget.json"));
    const { put } = store;
    store.put = () => Promise.reject(new Error("down"));
    await spent();
    store.put = put;
    time += hourMs;
    notes = [];
    expect(await spent()).toEqual(strict.spent);
    expect(notes.join()).toContain("is missing, to be replaced: ");
    expect(notes.join()).toContain("until 2026-12-01T07:00");
  });

  test("a budget that could not be read is as it was for the next run", async () => {
    const { get } = store;
    store.get = () => Promise.reject(new Error("down"));
    expect(await spent()).toEqual(strict.spent);
    store.get = get;
    expect(await spent()).toEqual(nothing);
    expect(notes).toHaveLength(1);
  });

  test("the first run of a list has written its budget once it has begun; any later run need not wait", async () => {
    store = new InMemoryStore();
    await liveTheFirstRun();
    expect(await store.get(keyOf("budget.json"))).toBeDefined();
    store.get = () => new Promise(() => undefined);
    await open().begin({ isFirstRun: false });
  });

  test("objects that cannot be read get the strictest reading and a note, and are left as they are", async () => {
    await liveARun();
    const { get } = store;
    store.get = () => Promise.reject(new Error("nobody@example.fr"));
    const { memory, known } = await whatIsKnown();
    store.get = get;
    expect(known).toEqual(strict);
    expect(notes).toHaveLength(files.length);
    expect(notes.join()).not.toContain("@");
    (await memory.acts()).record("clara@example.fr", "subscribed", time);
    await (await memory.budget()).begin("next", { ...nothing, update: 1 });
    await memory.save();
    expect((await whatIsKnown()).known).toEqual(everything);
  });

  test("a failed write becomes a note with its reason", async () => {
    store.put = () => Promise.reject(new ConfigurationError("the bucket x", "S3 refused the function"));
    await liveARun();
    expect(notes).toHaveLength(5);
    for (const note of notes) expect(note).toContain("the bucket x: S3 refused the function");
  });

  test.each([
    ["a list without memory", false],
    ["a list with memory", true],
  ])("a run that outlived its lock does not overwrite what another one wrote: %s", async (_, hasMemory) => {
    if (hasMemory) {
      await (await open().budget()).begin("before", { ...nothing, update: 1 });
      await record("clara@example.fr", "subscribed");
      await refuse(subscribing("clara@example.fr"));
      time += dayMs;
    }
    const late = open();
    const budget = await late.budget();
    const remembered = await late.remembered();
    await liveARun();
    (await late.acts()).record("clara@example.fr", "subscribed", time);
    (await late.refusals()).record(subscribing("dora@example.fr"), time);
    await budget.begin("late", { ...nothing, update: 1 });
    await budget.end("late", { ...nothing, update: 1 });
    await late.save();
    expect(notes).toHaveLength(3);
    expect(remembered.lastActOn("anna@example.fr")).toBeUndefined();
    expect((await whatIsKnown()).known).toEqual(everything);
  });

  test("a put that was repeated because its answer was lost is no conflict", async () => {
    const put = store.put.bind(store);
    store.put = async (key, bytes, condition) => {
      await put(key, bytes, condition);
      return await put(key, bytes, condition);
    };
    await liveARun();
    await liveARun("next");
    expect(notes).toEqual([]);
    expect((await whatIsKnown()).known.spent.subscribe).toBe(60);
  });
});

test("an object is read only when it is asked for, and written only when it has changed", async () => {
  const keys: string[] = [];
  const { get, put } = new InMemoryStore();
  const objects = new Map();
  store = {
    get: (key) => {
      keys.push(`get ${key}`);
      return get.call({ objects }, key);
    },
    put: (key, bytes, condition) => {
      keys.push(`put ${key}`);
      return put.call({ objects }, key, bytes, condition);
    },
  };
  const memory = open();
  await memory.save();
  expect(keys).toEqual([]);
  const acts = await memory.acts();
  await memory.acts();
  await memory.save();
  expect(keys).toEqual([`get ${keyOf("acts.bin")}`]);
  acts.record("anna@example.fr", "subscribed", time);
  await memory.save();
  await memory.save();
  expect(keys.slice(1)).toEqual([`put ${keyOf("acts.bin")}`]);
});

test("no object contains an address or a field", async () => {
  await liveARun();
  await refuse(subscribing("anna@example.fr", { data_name: "Dupont" }));
  for (const file of files) {
    const text = Buffer.from((await store.get(keyOf(file)))!.bytes).toString("latin1");
    for (const secret of ["anna", "ben", "example", "Dupont"]) expect(text).not.toContain(secret);
  }
});

describe("over S3", () => {
  let server: EmbeddedS3;
  let s3: S3Client;
  beforeAll(async () => {
    server = await startEmbeddedS3({ buckets: ["exchange"] });
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    s3 = new S3Client({ endpoint: server.url, region: "eu-west-3", credentials, forcePathStyle: true });
  });
  afterAll(async () => {
    s3.destroy();
    await server.stop();
  });
  beforeEach(() => {
    store = createObjectStore(s3, "exchange");
  });

  test("each run adds to what is remembered", async () => {
    list = "weekly";
    await liveTheFirstRun();
    await liveARun();
    await liveARun("next");
    expect((await whatIsKnown()).known).toEqual({
      ...everything,
      spent: { ...nothing, unsubscribe: 8, subscribe: 60 },
    });
    expect(notes).toEqual([]);
  });

  test("a run that outlived its lock does not overwrite what another one wrote", async () => {
    list = "monthly";
    await liveTheFirstRun();
    const late = open();
    (await late.acts()).record("anna@example.fr", "subscribed", time);
    await liveARun();
    await late.save();
    expect((await whatIsKnown()).known).toEqual(everything);
    expect(notes).toHaveLength(1);
  });
});
