import { expect, test } from "vitest";
import { SourceError } from "../../functions/domain/errors.ts";
import { metricsOf } from "../../functions/sync-subscribers/metrics.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { sourceOf } from "../support/desired-rows.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const held = () => ({ subscribed: true, fields: {} });
const heldEmails = (count: number) =>
  Array.from({ length: count }, (_, index) => [`r${index}@x.fr`, held()] as const);
const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ email: `r${index}@x.fr` }));

/** Deletes a row during the first read, so that the next page shifts and skips a row. */
function shiftOnce(world: SyncWorld): void {
  let pages = 0;
  world.provider.before = (call) => {
    if (call === "page" && ++pages === 2) world.provider.subscribers.delete("r0@x.fr");
  };
}

test("reads the source again when the list has to be read again, and quarantines its rejected rows once", async () => {
  const world = new SyncWorld(heldEmails(9), rows(9));
  shiftOnce(world);
  let opened = 0;
  const rejected = [{ place: "line 2", reason: "email is empty", email: "", unsubscribed: false }];
  world.openSource = async () => {
    opened++;
    const source = sourceOf(world.rows, world);
    return {
      ...source,
      async *blocks() {
        yield { records: { bytes: new Uint8Array(), count: 0 }, rejected, unreadableConsents: [] };
        yield* source.blocks();
      },
    };
  };
  const report = await world.apply();
  expect(opened).toBe(2);
  expect(report.planned).toMatchObject({ subscribe: 1, unsubscribe: 0, unchanged: 8 });
  expect(report.desired).toMatchObject({ subscribed: 9, rejected: 1 });
  expect(report.newlyRejected).toBe(1);
  expect(await world.stored("quarantine")).toEqual([
    { place: "line 2", reason: "email is empty", email: "" },
  ]);
});

test("sets rows of the provider aside that are nobody's, says so, and goes on with the others", async () => {
  const world = new SyncWorld(heldEmails(9), rows(10));
  world.provider.anonymousRows = 2;
  shiftOnce(world);
  const report = await world.apply();
  expect(report.planned).toMatchObject({ subscribe: 2, unchanged: 8 });
  expect(report.current).toEqual({ subscribed: 8, unsubscribed: 0 });
  expect([report.oddRows, report.desired.rejected]).toEqual([2, 0]);
  expect(report.notes).toEqual([
    "rows at the provider that are nobody's as they stand, and are in the quarantine: 2 (no address: 2)",
  ]);
  expect(await world.stored("quarantine")).toEqual(
    Array(2).fill({
      email: "",
      reason: "no address",
      place: expect.stringMatching(/^the provider's list, page /),
    }),
  );
});

test("a source that fails while pages arrive stops the reading, and nothing is planned", async () => {
  const world = new SyncWorld(heldEmails(9), rows(9));
  let closed = 0;
  world.openSource = async () => ({
    ...sourceOf(world.rows, world),
    // biome-ignore lint/correctness/useYield: it fails before its first block
    async *blocks() {
      throw new SourceError("line 7", "has 3 columns, but the header has 2");
    },
    close: async () => void closed++,
  });
  await expect(world.apply()).rejects.toThrow(SourceError);
  expect(closed).toBe(1);
  expect([world.provider.written, await world.plannedKinds()]).toEqual([[], []]);
});

test("a provider that fails while the source is read stops that reading, too", async () => {
  const world = new SyncWorld(heldEmails(9), rows(9));
  world.provider.before = (call) => {
    if (call === "page") throw new Error("down");
  };
  let closed = 0;
  const { promise: isClosed, resolve: close } = Promise.withResolvers<void>();
  world.openSource = async () => ({
    ...sourceOf(world.rows, world),
    async *blocks() {
      yield* sourceOf(world.rows, world).blocks();
      // A slow query, which ends only when it is closed.
      await isClosed;
    },
    close: async () => {
      closed++;
      close();
    },
  });
  await expect(world.apply()).rejects.toThrow("down");
  expect(closed).toBe(1);
});

test("counts a plan as refused when a run was to apply it, not when a person views or approves it", async () => {
  const limits = { unsubscribe: { ratio: 0.1, floor: 2 } };
  const world = new SyncWorld(heldEmails(9), rows(3), { limits });
  const refusedBy = async (event: Parameters<SyncWorld["run"]>[0]) => {
    const run = testRun<SyncReport>();
    await world.run(event, run).catch(() => undefined);
    return [metricsOf(run.report, run.now())["PlanRefused"], run.report.planId ?? ""] as const;
  };
  expect((await refusedBy({ mode: "plan" }))[0]).toBe(0);
  const [refused, planId] = await refusedBy({ mode: "apply" });
  expect(refused).toBe(1);
  expect((await refusedBy({ apply: planId, approve: ["unsubscribe"] }))[0]).toBe(0);
  expect(world.provider.written.flat()).toHaveLength(6);
});
