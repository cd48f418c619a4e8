import { describe, expect, test } from "vitest";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { DesiredRow } from "../support/desired-rows.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const hourMs = 3_600_000;
const hourly = (hour: number) => testRun<SyncReport>({ at: Date.UTC(2026, 5, 1) + hour * hourMs });
const emails = (from: number, to: number): DesiredRow[] =>
  Array.from({ length: to - from }, (_, n) => ({ email: `reader${from + n}@x.fr` }));
const limit = { ratio: 0.1, floor: 2 };
const limits = { unsubscribe: limit, subscribe: limit, update: limit };

const emptyList = () => new SyncWorld([], emails(0, 100), { batchSize: 10, graceHours: 0, limits });

/** A run whose first three batches are sent, and no other. */
const interruptions = [
  [
    "is killed",
    async (world: SyncWorld, hour: number) => {
      const run = hourly(hour);
      const writeBatch = world.provider.writeBatch.bind(world.provider);
      const { promise, resolve } = Promise.withResolvers<void>();
      let batches = 0;
      world.provider.writeBatch = async (changes, options) => {
        if (options.signal !== run.signal || ++batches <= 3) return await writeBatch(changes, options);
        resolve();
        return await new Promise<never>(() => undefined);
      };
      void world.apply(run);
      await promise;
    },
  ],
  [
    "fails",
    async (world: SyncWorld, hour: number) => {
      let batches = 0;
      world.provider.before = (call) => {
        if (call === "write" && ++batches > 3) throw new ProviderUnavailableError("writing", 1, "503");
      };
      await expect(world.apply(hourly(hour))).rejects.toThrow(ProviderUnavailableError);
      world.provider.before = () => undefined;
    },
  ],
  [
    "runs out of time",
    async (world: SyncWorld, hour: number) => {
      const stop = new AbortController();
      const run = { ...hourly(hour), signal: stop.signal };
      let batches = 0;
      world.provider.before = (call) => {
        if (call === "write" && ++batches > 3) stop.abort();
      };
      await expect(world.apply(run)).rejects.toThrow();
      world.provider.before = () => undefined;
    },
  ],
] as const;

describe.each(interruptions)("an empty list whose first run %s", (_, interrupt) => {
  test("is filled by the next one", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    expect(world.provider.subscribers.size).toBe(30);
    const { applied, check } = await world.apply(hourly(1));
    expect([applied.subscribe, check.safe]).toEqual([70, true]);
  });

  test("is filled by as many runs as it takes", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    await interrupt(world, 1);
    expect((await world.apply(hourly(2))).applied.subscribe).toBe(40);
  });

  test("has its limit again once it is filled", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    await world.apply(hourly(1));
    world.rows = emails(0, 111);
    await expect(world.apply(hourly(2))).rejects.toThrow(/subscribe 11 of 100 subscribers/);
    world.rows = emails(0, 110);
    expect((await world.apply(hourly(3))).applied.subscribe).toBe(10);
  });

  test("has its limit again once a run finds nothing left to send", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    world.rows = emails(0, 30);
    await world.apply(hourly(1));
    world.rows = emails(0, 100);
    await expect(world.apply(hourly(2))).rejects.toThrow(/subscribe 70 of 30 subscribers/);
  });

  test("has its limit again a day after the first run, however often it is interrupted", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    await interrupt(world, 23);
    await expect(world.apply(hourly(24))).rejects.toThrow(/subscribe 40 of 60 subscribers/);
  });

  test("has every other limit meanwhile, and what the next run does counts for it", async () => {
    const world = emptyList();
    await interrupt(world, 0);
    world.readAt += hourMs;
    world.rows = emails(3, 100);
    expect((await world.apply(hourly(1))).applied).toMatchObject({ subscribe: 70, unsubscribe: 3 });
    world.rows = emails(11, 100);
    await expect(world.apply(hourly(2))).rejects.toThrow(/unsubscribe 8 of 97 .*beside 3 within/);
  });
});

test("a list that is filled in one run has its limit again", async () => {
  const world = emptyList();
  await world.apply(hourly(0));
  world.rows = emails(0, 111);
  await expect(world.apply(hourly(1))).rejects.toThrow(/subscribe 11 of 100 subscribers/);
});

test("rows that the provider refuses leave no list unfilled", async () => {
  const world = emptyList();
  world.provider.accepts = (email) => email !== "reader7@x.fr";
  await world.apply(hourly(0));
  world.rows = emails(0, 120);
  await expect(world.apply(hourly(1))).rejects.toThrow(/subscribe 20 of 99 subscribers/);
});
