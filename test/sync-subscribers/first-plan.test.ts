import { describe, expect, test } from "vitest";
import { CredentialError, SourceError } from "../../functions/domain/errors.ts";
import { approvalKey, lockKey } from "../../functions/platform/storage/object-keys.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { summaryOf } from "../../functions/sync-subscribers/summary.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const scheduled = { mode: "apply", scheduledAt: "2026-06-01T00:00:00Z" } as const;
const anna: HeldSubscriber = { subscribed: true, fields: {} };
const left: HeldSubscriber = {
  subscribed: false,
  fields: {},
  cause: "READER",
  unsubscribedAt: Date.UTC(2026, 1),
};
const rows = [{ email: "anna@x.fr" }, { email: "bob@x.fr" }];

function newWorld(list: object = {}): SyncWorld {
  return new SyncWorld([["anna@x.fr", anna]], [...rows], list);
}

/** What the schedule's run sends. */
async function sentBySchedule(world: SyncWorld): Promise<number> {
  const { applied } = await world.run(scheduled);
  return applied.accepted;
}

describe("before a person has approved a plan of the list", () => {
  test("the schedule makes a plan, sends nothing, and says which event lets it begin", async () => {
    const world = newWorld();
    const report = await world.run(scheduled);
    expect(report).toMatchObject({ mode: "plan", firstPlan: {}, planned: { subscribe: 1 } });
    expect(world.provider.subscribers.size).toBe(1);
    expect(await world.plannedKinds()).toEqual([["subscribe", "bob@x.fr"]]);
    expect(summaryOf(report)).toBe(
      `a first plan waits for a person; would subscribe 1; {"list":"daily","apply":"${report.planId}"} applies it ` +
        "and lets the schedule begin",
    );
  });

  test("not even an empty list is filled", async () => {
    const world = new SyncWorld([], rows);
    expect(await sentBySchedule(world)).toBe(0);
    expect(world.provider.subscribers.size).toBe(0);
  });

  test("a plan that exceeds a limit fails nothing", async () => {
    const list = { limits: { subscribe: { ratio: 0, floor: 0 } } };
    const world = new SyncWorld(
      [["anna@x.fr", anna]],
      Array.from({ length: 20 }, (_, n) => ({ email: `r${n}@x.fr` })),
      list,
    );
    const report = await world.run(scheduled);
    expect(report.check).toMatchObject({ safe: false, refused: false });
    expect(summaryOf(report)).toMatch(/^a first plan waits for a person; .*20 subscriptions would wait/);
  });

  test("a plan that would resubscribe anybody says so first", async () => {
    const world = new SyncWorld(
      [["anna@x.fr", left]],
      [{ email: "anna@x.fr", consentedAt: Date.UTC(2026, 3) }],
    );
    expect(summaryOf(await world.run(scheduled))).toMatch(
      /^a first plan waits for a person, with 1 resubscription of readers who left; would resubscribe 1;/,
    );
  });

  test("a list in step says which event lets the schedule begin", async () => {
    const world = new SyncWorld([["anna@x.fr", anna]], [{ email: "anna@x.fr" }]);
    expect(summaryOf(await world.run(scheduled))).toMatch(
      /^a first plan waits for a person; nothing to do; \{"list".*\} lets the schedule begin$/,
    );
  });

  test.each([
    ["a secret without a value", new CredentialError("ours", "it has no value yet")],
    ["a source that cannot be read", new SourceError("the server", "nobody answers")],
  ])("%s fails no run of the schedule, whose summary says what is missing", async (_, error) => {
    const world = newWorld();
    world.openSource = () => Promise.reject(error);
    const run = testRun<SyncReport>();
    await world.run(scheduled, run);
    expect(summaryOf(run.report)).toBe(`no first plan yet: ${error.name}, ${error.message}`);
    await expect(world.apply()).rejects.toThrow(error);
  });

  test("a list that a person is just looking at fails no run either", async () => {
    const world = newWorld();
    const lock = { runId: "theirs", expiresAt: "2026-06-01T00:10:00Z" };
    await world.store.put(lockKey("daily"), Buffer.from(JSON.stringify(lock)));
    const report = await world.run(scheduled);
    expect(report.firstPlan.problem).toContain("ListBusyError");
  });

  test("a mistake of ours still fails the run", async () => {
    const world = newWorld();
    world.openSource = () => Promise.reject(new TypeError("ours"));
    await expect(world.run(scheduled)).rejects.toThrow(TypeError);
  });

  test.each<Partial<SyncEvent>>([{ mode: "plan" }, { mode: "return" }])(
    "%j lets no schedule begin",
    async (event) => {
      const world = newWorld({ returns: { kind: "csv" } });
      await world.run(event);
      expect(await sentBySchedule(world)).toBe(0);
    },
  );
});

describe("the schedule begins", () => {
  test("when a person has applied a plan by hand", async () => {
    const world = newWorld();
    expect(await world.apply()).toMatchObject({ isFirstApproval: true });
    world.rows.push({ email: "cid@x.fr" });
    expect(await sentBySchedule(world)).toBe(1);
    expect(await world.apply()).not.toHaveProperty("isFirstApproval");
  });

  test("when a person has approved the plan that it made", async () => {
    const world = newWorld();
    const { check } = await world.run(scheduled);
    expect(await world.run(check.event)).toMatchObject({ applied: { accepted: 1 }, isFirstApproval: true });
    world.rows.push({ email: "cid@x.fr" });
    expect(await sentBySchedule(world)).toBe(1);
  });

  test("when a person has applied a plan of which something waits", async () => {
    const world = newWorld({ limits: { subscribe: { ratio: 0, floor: 0 } } });
    world.rows.push(...Array.from({ length: 20 }, (_, n) => ({ email: `r${n}@x.fr` })));
    await expect(world.apply()).rejects.toThrow("some of the plan waits");
    await expect(world.run(scheduled)).rejects.toThrow("some of the plan waits");
  });

  test("but not if it never came to a plan", async () => {
    const world = newWorld();
    const { openSource } = world;
    world.openSource = () => Promise.reject(new SourceError("the server", "nobody answers"));
    await expect(world.apply()).rejects.toThrow(SourceError);
    world.openSource = openSource;
    expect(await sentBySchedule(world)).toBe(0);
  });
});

describe("once the list has another id at the provider", () => {
  test("the schedule waits for a person again, and then for nobody", async () => {
    const world = newWorld({ id: 123 });
    await world.apply();
    const moved = newWorld({ id: 124 });
    for (const [key, object] of world.store.objects) moved.store.objects.set(key, object);
    expect(await moved.run(scheduled)).toMatchObject({ firstPlan: {}, applied: { accepted: 0 } });
    expect(await moved.apply()).toMatchObject({ isFirstApproval: true });
    moved.rows.push({ email: "cid@x.fr" });
    expect(await sentBySchedule(moved)).toBe(1);
  });
});

describe("once the approval is lost", () => {
  test("the schedule waits for a person again", async () => {
    const world = newWorld();
    await world.apply();
    world.rows.push({ email: "cid@x.fr" });
    world.store.objects.delete(approvalKey("daily"));
    expect(await world.run(scheduled)).toMatchObject({ firstPlan: {}, applied: { accepted: 0 } });
    await world.apply();
    expect(world.provider.subscribers.has("cid@x.fr")).toBe(true);
  });

  test("a schedule's run that cannot read it fails, and sends nothing", async () => {
    const world = newWorld();
    await world.apply();
    world.rows.push({ email: "cid@x.fr" });
    const get = world.store.get.bind(world.store);
    world.store.get = (key) =>
      key === approvalKey("daily") ? Promise.reject(new Error("S3 is down")) : get(key);
    await expect(world.run(scheduled)).rejects.toThrow("S3 is down");
    expect(world.provider.subscribers.has("cid@x.fr")).toBe(false);
  });

  test("whatever stands in it counts: it is never rewritten", async () => {
    const world = newWorld();
    await world.store.put(approvalKey("daily"), Buffer.from("?"));
    await world.apply();
    expect(Buffer.from(world.store.objects.get(approvalKey("daily"))!.bytes).toString()).toBe("?");
  });
});
