import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { openListMemory } from "../../../functions/platform/storage/list-memory.ts";
import type { ObjectStore } from "../../../functions/platform/storage/object-store.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");
/** The second time waits for the buffers that the first time is still giving back beside the other work. */
const collectGarbage = () => {
  gc();
  gc();
};

const million = 1_000_000;
const mostBytes = 40_000_000;
const start = Date.UTC(2026, 10, 30, 6);
const reader = (n: number) => `reader.${n}@example.fr`;

/** Holds one object, and knows how much buffer memory was in use when it was put. */
class MeasuringStore implements ObjectStore {
  bytes: Uint8Array | undefined;
  bufferedWhilePut = 0;

  async put(_key: string, bytes: Uint8Array): Promise<string> {
    collectGarbage();
    this.bufferedWhilePut = process.memoryUsage().arrayBuffers;
    this.bytes = bytes;
    return "tag";
  }

  async get() {
    return this.bytes && { bytes: this.bytes, etag: "tag" };
  }
}

function open(store: ObjectStore) {
  const notes: string[] = [];
  const now = () => new Date(start);
  const note = (text: string) => void notes.push(text);
  return { notes, memory: openListMemory({ store, list: "daily", graceHours: 24, now, note }) };
}

async function cpuMsOf(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function subscribeAMillion(store: ObjectStore): Promise<void> {
  const { memory } = open(store);
  const acts = await memory.acts();
  for (let n = 0; n < million; n++) acts.record(reader(n), "subscribed", start);
  await memory.save();
}

test("recording a million acts takes less than 3 s of CPU and 40 MB, 100,000 lookups less than 1 s", async () => {
  const store = new MeasuringStore();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  expect(await cpuMsOf(() => subscribeAMillion(store))).toBeLessThan(3000);
  expect(store.bufferedWhilePut - before).toBeLessThan(mostBytes);
  expect(store.bytes!.length).toBeLessThan(mostBytes);

  const { memory, notes } = open(store);
  const acts = await memory.acts();
  let known = 0;
  const asking = await cpuMsOf(() => {
    for (let n = 0; n < 2 * million; n += 20) if (acts.lastActOn(reader(n)) !== undefined) known++;
  });
  expect(known).toBe(50_000);
  expect(asking).toBeLessThan(1000);
  expect(notes).toEqual([]);
});

test("adding to a million acts takes less than 40 MB", async () => {
  const store = new MeasuringStore();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  await subscribeAMillion(store);
  const { memory } = open(store);
  (await memory.acts()).record(reader(million), "unsubscribed", start);
  await memory.save();
  expect(store.bufferedWhilePut - before).toBeLessThan(mostBytes);
  expect((await open(store).memory.acts()).lastActOn(reader(million))).toMatchObject({ at: start });
});

test("the newest million acts of each kind are remembered", async () => {
  const store = new MeasuringStore();
  const { memory } = open(store);
  const acts = await memory.acts();
  acts.record("ben@example.fr", "unsubscribed", start - 365 * 86_400_000);
  acts.record(reader(0), "unsubscribed", start);
  for (let n = 0; n < 2.2 * million; n++) acts.record(reader(n), "subscribed", start + n * 30);
  await memory.save();
  expect(store.bytes!.length).toBeLessThan(mostBytes);
  const later = await open(store).memory.acts();
  expect(later.lastActOn("ben@example.fr")).toBeDefined();
  expect(later.lastActOn(reader(0))).toBeUndefined();
  expect(later.lastActOn(reader(1.1 * million))).toBeUndefined();
  for (const n of [1.21, 1.5, 2, 2.19]) expect(later.lastActOn(reader(n * million))).toBeDefined();
});
