import { expect, test } from "vitest";
import { planTextKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const held = { subscribed: true, fields: {} };
const readers = (count: number) => Array.from({ length: count }, (_, n) => `reader${n}@x.fr`);
const returns = { kind: "csv" };

/** Of 200 subscribers the database has 100, and one new one. One of the 100 has left at the provider. */
function shrunk(): SyncWorld {
  const left = { ...held, subscribed: false, cause: "READER" as const, unsubscribedAt: Date.UTC(2026, 4, 1) };
  const subscribers = readers(200).map((email, n) => [email, n === 0 ? left : held] as const);
  return new SyncWorld(
    subscribers,
    [...readers(100), "new@x.fr"].map((email) => ({ email })),
    { returns },
  );
}

function textOf({ store }: SyncWorld, key: string): string {
  return Buffer.from(store.objects.get(key)?.bytes ?? []).toString();
}

test.each(["plan", "apply", "return"] as const)(
  "a run in mode %s stores its plan as text, too",
  async (mode) => {
    const world = shrunk();
    const run = testRun<SyncReport>();
    await world.run({ mode }, run).catch(() => undefined);
    expect(run.report.planText).toBe(`plans/daily/${run.id}/plan.md`);
    expect(textOf(world, planTextKey("daily", run.id))).toMatch(
      /^# daily: unsubscribe 100, subscribe 1; kept 1; returns 1\n.*^## return: 1\n.*reader0@x\.fr/ms,
    );
  },
);

test("the text shows the first fifty of a group, and the event that approves what waits", async () => {
  const world = shrunk();
  const { planId, planText, check } = await world.run({ mode: "plan" });
  const text = textOf(world, planText);
  const [, missing = ""] = text.split("## unsubscribe (missing): 100\n");
  expect(missing.split("\n## ")[0]?.match(/reader\d+@x\.fr {2,}not in the database/g)).toHaveLength(50);
  expect(missing).toContain("… and 50 more");
  expect(text).toContain("- limit `unsubscribe` (missing): it would unsubscribe 100 of 199 subscribers");
  expect(text).toContain(`\n    ${JSON.stringify(check.event)}\n`);
  expect(check.event.apply).toBe(planId);
});

test("the error that asks for approval names the text, and nothing else than the text has an address", async () => {
  const world = shrunk();
  const run = testRun<SyncReport>();
  const { message } = (await world.apply(run).catch((error: Error) => error as Error)) as Error;
  expect(message).toContain(`plans/daily/${run.id}/plan.md in the exchange bucket shows whom`);
  expect(message + JSON.stringify(run.report)).not.toContain("@");
});

test("a text that cannot be written holds up nothing, and a note says so", async () => {
  const world = shrunk();
  const put: ObjectStore["put"] = world.store.put.bind(world.store);
  world.store.put = async (key, ...rest) => {
    if (key.endsWith("plan.md")) throw new TypeError("reader1@x.fr");
    return await put(key, ...rest);
  };
  const run = testRun<SyncReport>();
  await expect(world.apply(run)).rejects.toThrow("everything else was sent");
  expect(run.report.applied?.subscribe).toBe(1);
  expect(run.report.notes).toContain(`plans/daily/${run.id}/plan.md could not be written: TypeError`);
});
