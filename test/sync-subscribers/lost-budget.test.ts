import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { SourceError } from "../../functions/domain/errors.ts";
import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import { memoryKey } from "../../functions/platform/storage/object-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const key = memoryKey("daily", "budget.json");
const hourMs = 3_600_000;
const hourly = (hour: number) => testRun<SyncReport>({ at: Date.UTC(2026, 5, 1) + hour * hourMs });
const emails = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ email: `reader${from + n}@x.fr` }));

/** A list of 50 that an undisturbed run has brought in step. */
async function listInStep(): Promise<SyncWorld> {
  const held = emails(0, 50).map(({ email }) => [email, { subscribed: true, fields: {} }] as const);
  const world = new SyncWorld(held, emails(0, 50));
  await world.apply(hourly(0));
  return world;
}

const damages = [
  ["damaged", (world: SyncWorld) => world.store.put(key, Buffer.from("{"))],
  ["deleted", async (world: SyncWorld) => world.store.objects.delete(key)],
] as const;

describe.each(damages)("a day's budget that was %s", (_, harm) => {
  test("makes every run strict for 24 hours, and each says until when", async () => {
    const world = await listInStep();
    await harm(world);
    world.rows = emails(0, 51);
    for (const hour of [1, 2, 24]) {
      const run = hourly(hour);
      await expect(world.apply(run)).rejects.toThrow(
        /subscribe 1 of 50 .*beside an unknown number within the last 24 hours/,
      );
      expect(run.report.notes?.join()).toMatch(
        /^memory\/daily\/budget\.json .*all daily limits but that of unsubscriptions count as used up until 2026-06-02T01:00:00\.000Z$/,
      );
    }
    const { applied, notes } = await world.apply(hourly(25));
    expect([applied.subscribe, notes]).toEqual([1, []]);
  });

  test("holds back neither an opt-out nor what a person approves", async () => {
    const world = await listInStep();
    await harm(world);
    const optOut = { email: "reader0@x.fr", subscribed: false, cause: "READER" } as const;
    world.rows = [optOut, ...emails(1, 51)];
    const run = hourly(1);
    const error = await world.apply(run).catch((error: Error) => error);
    expect(error).toBeInstanceOf(UnsafePlanError);
    expect(run.report.applied).toMatchObject({ unsubscribe: 1, waiting: 1 });
    expect((await world.run(run.report.check!.event, hourly(2))).applied.subscribe).toBe(1);
  });

  test("is found lost by whichever run comes first, if it only plans or fails midway", async () => {
    const world = await listInStep();
    await harm(world);
    await world.run({ mode: "plan" }, hourly(1));
    world.rows = emails(0, 51);
    await expect(world.apply(hourly(24))).rejects.toThrow(UnsafePlanError);
    expect((await world.apply(hourly(25))).applied.subscribe).toBe(1);
  });
});

test("a first run that fails early does not make the next one strict", async () => {
  const world = new SyncWorld([["reader0@x.fr", { subscribed: true, fields: {} }]], emails(0, 2));
  const { openSource } = world;
  world.openSource = () => Promise.reject(new SourceError("the secret", "has no value"));
  await expect(world.apply(hourly(1))).rejects.toThrow(SourceError);
  world.openSource = openSource;
  const { applied, notes } = await world.apply(hourly(2));
  expect([applied.subscribe, notes]).toEqual([1, []]);
});

test("a first run does nothing that may fail before its budget is stored", async () => {
  const world = new SyncWorld([["reader0@x.fr", { subscribed: true, fields: {} }]], emails(0, 2));
  const put = world.store.put.bind(world.store);
  world.store.put = async (...asked) => {
    if (asked[0] === key) await nextTurn();
    return await put(...asked);
  };
  const { openSource } = world;
  let isStored = false;
  world.openSource = () => {
    isStored = world.store.objects.has(key);
    return openSource();
  };
  await world.apply(hourly(1));
  expect(isStored).toBe(true);
});

test("a run does not wait for its budget before it reads both sides", async () => {
  const world = await listInStep();
  const get = world.store.get.bind(world.store);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.store.get = async (asked) => {
    if (asked === key) await promise;
    return await get(asked);
  };
  const { openSource } = world;
  world.openSource = () => {
    resolve();
    return openSource();
  };
  expect((await world.apply(hourly(1))).check.safe).toBe(true);
});
