import { expect, test } from "vitest";
import { SinkError } from "../../functions/domain/errors.ts";
import { blocksIn, recordsOf } from "../../functions/platform/storage/history/history-block.ts";
import { createReaderHash } from "../../functions/platform/storage/history/reader-hash.ts";
import { historyKey } from "../../functions/platform/storage/object-keys.ts";
import { SyncWorld } from "../support/sync-world.ts";

const hash = createReaderHash("k".repeat(32));
const unsubscribed = {
  subscribed: false,
  cause: "READER",
  unsubscribedAt: Date.UTC(2026, 4, 1),
  fields: {},
} as const;

/** One new reader, one who left at the provider, one whom the provider alone has, and one who is kept. */
function worldWithHistory(list: object = {}): SyncWorld {
  const world = new SyncWorld(
    [
      ["left@example.fr", { ...unsubscribed }],
      ["gone@example.fr", { subscribed: true, subscribedAt: 0, fields: {} }],
      ["kept@example.fr", { subscribed: true, subscribedAt: Date.UTC(2026, 5, 2), fields: {} }],
    ],
    [{ email: "new@example.fr" }, { email: "left@example.fr" }],
    list,
  );
  world.columns = [];
  world.readHash = async () => hash;
  return world;
}

/** What the history of the day says of an address, as `deed stage`. */
async function saidOf(world: SyncWorld, email: string): Promise<string[]> {
  const object = await world.store.get(historyKey("daily", "2026-06-01"));
  const blocks = [...blocksIn(object?.bytes ?? new Uint8Array(), () => undefined)];
  return blocks.flatMap((block) =>
    [...recordsOf(hash(email), block)].map(({ deed, stage }) => `${deed} ${stage}`),
  );
}

test("a run writes down what it planned and what became of it, and not who is merely kept", async () => {
  const world = worldWithHistory({ returns: { kind: "csv" } });
  await world.apply();
  expect(await saidOf(world, "new@example.fr")).toEqual(["subscribe planned", "subscribe done"]);
  expect(await saidOf(world, "gone@example.fr")).toEqual(["missing planned", "missing done"]);
  expect(await saidOf(world, "left@example.fr")).toEqual(["unsubscribed planned", "unsubscribed done"]);
  expect(await saidOf(world, "kept@example.fr")).toEqual(["subscribed planned", "subscribed done"]);
});

test("a plan that is only looked at is planned, and no more", async () => {
  const world = worldWithHistory();
  await world.run({ mode: "plan" });
  expect(await saidOf(world, "new@example.fr")).toEqual(["subscribe planned"]);
  expect(await saidOf(world, "kept@example.fr")).toEqual([]);
});

test("a database that did not take what it was told has not been told", async () => {
  const world = worldWithHistory({ returns: { kind: "csv" } });
  world.sink.failure = new SinkError("the table", "it is gone");
  await expect(world.apply()).rejects.toThrow(SinkError);
  const { bytes } = (await world.store.get(historyKey("daily", "2026-06-01")))!;
  expect([...blocksIn(bytes, () => undefined)].map(({ header }) => header.hasTold)).toEqual([false, false]);
});

test("a history that S3 does not take changes nothing of a run but a note", async () => {
  const report = async (world: SyncWorld) => {
    const { planId: _, planText: __, check: ___, ms: ____, ...rest } = await world.apply();
    return rest;
  };
  const failing = worldWithHistory();
  const put = failing.store.put.bind(failing.store);
  failing.store.put = async (key, bytes, condition) => {
    if (key.startsWith("history/")) throw new Error("left@example.fr");
    return put(key, bytes, condition);
  };
  const { notes, ...failed } = await report(failing);
  const { notes: usual, ...expected } = await report(worldWithHistory());
  expect(failed).toEqual(expected);
  expect(notes).toEqual([...usual, "what this run did to each reader is not in the history: Error"]);
});
