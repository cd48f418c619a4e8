import { describe, expect, test } from "vitest";
import { OutOfTimeError } from "../../functions/domain/errors.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

/** Twenty readers to subscribe, in batches of three. */
const firstLoad = () =>
  new SyncWorld(
    [],
    Array.from({ length: 20 }, (_, n) => ({ email: `r${n}@example.fr` })),
  );

/** A run whose time is over when it sends its nth batch. */
async function runUntil(world: SyncWorld, batch: number, event: Partial<SyncEvent>): Promise<SyncReport> {
  const stop = new AbortController();
  let writes = 0;
  world.provider.before = (call) => {
    if (call === "write" && ++writes === batch) stop.abort(new OutOfTimeError("it was cut short"));
  };
  return await world.run(event, testRun({ signal: stop.signal }));
}

describe("a backfill whose time runs out", () => {
  const event = { list: "daily", mode: "apply", backfill: {} } as const;

  test("succeeds if it has sent anything, with the event that goes on", async () => {
    const world = firstLoad();
    const report = await runUntil(world, 3, event);
    expect(report).toMatchObject({
      applied: { accepted: 6, left: 14 },
      next: { ...event, backfill: { left: 14 } },
    });
    const rest = await runUntil(world, Number.POSITIVE_INFINITY, report.next);
    expect(rest.applied).toMatchObject({ accepted: 14, left: 0 });
    expect(rest.next).toBeUndefined();
  });

  test("fails if it has sent nothing, and if nobody asked for a backfill", async () => {
    await expect(runUntil(firstLoad(), 1, event)).rejects.toThrow(OutOfTimeError);
    await expect(runUntil(firstLoad(), 3, { mode: "apply" })).rejects.toThrow(OutOfTimeError);
  });

  test("fails if it leaves as much as the run before it: the provider does not do what it accepts", async () => {
    const world = firstLoad();
    const { next } = await runUntil(world, 3, event);
    world.provider.subscribers.clear();
    await expect(runUntil(world, 3, next)).rejects.toThrow(OutOfTimeError);
  });

  test("goes on with an approved plan, too, and reports who approved what", async () => {
    const world = firstLoad();
    world.list.limits.subscribe.floor = 1;
    const { planId } = await world.run({ mode: "plan" });
    const approval = { list: "daily", apply: planId, approve: ["subscribe"], approvedBy: "Anna" } as const;
    const { next, ...report } = await runUntil(world, 3, { ...approval, backfill: {} });
    expect(next).toMatchObject({ ...approval, backfill: { left: 14 } });
    expect(report.approval).toEqual({ apply: planId, approve: ["subscribe"], approvedBy: "Anna" });
    const rest = await runUntil(world, Number.POSITIVE_INFINITY, next);
    expect(rest.applied).toMatchObject({ accepted: 14, stale: 6, left: 0 });
  });
});
