import { describe, expect, test } from "vitest";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { start } from "../../providers/constant-contact/connect.ts";
import { AccountWorld, dayMs, hourMs, member, outsider } from "./account-world.ts";

const minuteMs = 60_000;
const readers = Array.from({ length: 40 }, (_, n) => `reader${n}@x.fr`);
const wanted = (email: string) => ({ email, consentedAt: start - 50 * dayMs });
/** Else whom the account knew before the first run may have left the list. */
const list = { joinKnown: "always" };
/** One whom the account does not know, and one whom it knows for another list. */
const joining = ["new@x.fr", "known@x.fr"];

const readings: [string, SandboxOptions][] = [
  ["joining and leaving move no clock", {}],
  ["joining and leaving move the contact's clock", { updatedAtMovesWith: ["membership", "import"] }],
  ["the index lags by twenty minutes", { indexLagMs: 20 * minuteMs }],
];

describe.each(readings)("whoever a run put on the list, and who leaves it, if %s", (_, options) => {
  const worldOf = () =>
    AccountWorld.create(
      [...readers.map((email) => member(email)), outsider("known@x.fr")],
      [...readers, ...joining].map(wanted),
      { list, ...options },
    );

  /** Nobody is put back by any later run, and the database hears of it within a day. */
  async function expectGone(world: AccountWorld, emails: readonly string[]) {
    const isBack = () => emails.filter((email) => world.isSubscribed(email));
    for (const pause of [0, 0, dayMs, 0]) {
      world.pass(pause);
      const { failure } = await world.run();
      expect([failure, isBack()]).toEqual([undefined, []]);
    }
    for (const email of emails) {
      expect(world.row(email)).toMatchObject({ subscribed: false, cause: "READER" });
    }
  }

  test("before the next run is not put back by it", async () => {
    const world = await worldOf();
    await world.apply();
    expect(joining.filter((email) => !world.isSubscribed(email))).toEqual([]);
    world.pass(minuteMs);
    for (const email of joining) world.sandbox.people.leave(email, dailyList);
    await expectGone(world, joining);
  });

  test("while the run waits for the activity is not put back by the next one", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 2_000 });
    const stop = world.sandbox.onRequest(({ path }) => {
      if (!/activities\/[^/]+$/.test(path) || !world.isSubscribed("new@x.fr")) return;
      for (const email of joining) world.sandbox.people.leave(email, dailyList);
      stop();
    });
    await world.apply();
    await expectGone(world, joining);
  });

  test("after the run had ended, and before its activity's end was seen, is not put back", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 20 * minuteMs });
    expect((await world.run()).failure?.name).toBe("OutOfTimeError");
    world.pass(30 * minuteMs);
    for (const email of joining) world.sandbox.people.leave(email, dailyList);
    await expectGone(world, joining);
  });

  test("is taken off it if the database says so, though the run had ended before its activity", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 20 * minuteMs });
    await world.run();
    world.rows = world.rows.map((row) =>
      joining.includes(row.email) ? { ...row, subscribed: false, cause: "READER" as const } : row,
    );
    await world.apply();
    expect(joining.filter((email) => world.isSubscribed(email))).toEqual([]);
  });

  test("is not taken for gone while the index may lag", async () => {
    const world = await worldOf();
    await world.apply();
    for (let run = 0; run < 3; run++) {
      await world.apply();
      world.pass(-hourMs + 5 * minuteMs);
    }
    world.pass(dayMs);
    await world.apply();
    for (const email of joining) expect(world.row(email)?.subscribed).not.toBe(false);
    expect(joining.filter((email) => !world.isSubscribed(email))).toEqual([]);
  });
});

test("who came back by a newer consent, and leaves at once, needs an even newer one", async () => {
  const world = await AccountWorld.create(
    readers.map((email) => member(email)),
    readers.map(wanted),
  );
  await world.apply();
  world.sandbox.people.leave("reader3@x.fr", dailyList);
  world.pass(dayMs);
  await world.apply();
  const consent = () => {
    world.pass(hourMs);
    const consentedAt = world.world.clock.now();
    world.rows = world.rows.map((row) =>
      row.email === "reader3@x.fr" ? { email: row.email, subscribed: true, consentedAt } : row,
    );
  };
  consent();
  expect((await world.apply()).applied.resubscribe).toBe(1);
  world.sandbox.people.leave("reader3@x.fr", dailyList);
  await world.apply();
  world.pass(dayMs);
  expect((await world.apply()).planned.resubscribe).toBe(0);
  expect(world.row("reader3@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
  consent();
  await world.apply();
  expect(world.isSubscribed("reader3@x.fr")).toBe(true);
});

test("a row that the provider refuses has not joined, and its reader has not left", async () => {
  const world = await AccountWorld.create(
    [...readers.map((email) => member(email)), outsider("known@x.fr")],
    [...readers, ...joining].map(wanted),
    { list, acceptsEmail: (email) => email !== "known@x.fr" },
  );
  expect((await world.apply()).applied.quarantined).toBe(1);
  world.pass(dayMs);
  await world.apply();
  expect(world.row("known@x.fr")?.subscribed).not.toBe(false);
});

test("whom a run took off the list, and the provider does not put back, has not left it", async () => {
  const world = await AccountWorld.create(
    readers.map((email) => member(email)),
    readers.map(wanted),
    { importOfLeaver: "not added" },
  );
  const say = (subscribed: boolean) => {
    world.pass(hourMs);
    const consentedAt = world.world.clock.now();
    world.rows = world.rows.map((row) =>
      row.email === "reader3@x.fr" ? { email: row.email, subscribed, consentedAt } : row,
    );
  };
  await world.apply();
  say(false);
  expect((await world.apply()).applied.unsubscribe).toBe(1);
  say(true);
  expect((await world.apply()).applied.resubscribe).toBe(1);
  world.pass(dayMs);
  await world.apply();
  expect(world.row("reader3@x.fr")?.subscribed).toBe(true);
});

test("whose row is refused has not left, even if the provider counts lines in another way", async () => {
  const known = ["known0@x.fr", "known1@x.fr"];
  const world = await AccountWorld.create(
    [...readers.map((email) => member(email)), ...known.map((email) => outsider(email))],
    [...readers, ...known].map(wanted),
    { list, acceptsEmail: (email) => email !== "known1@x.fr", activities: { polls: 1 } },
  );
  const stop = world.sandbox.onRequest(({ path }) => {
    if (!/activities\/[^/]+$/.test(path) || world.imported.length === 0) return;
    const innocent = world.imported.indexOf("known0@x.fr") + 2;
    const status = { items_total_count: 3, person_count: 2, correctable_count: 1 };
    const body = { activity_id: "x", state: "completed", activity_errors: [`Line ${innocent}: bad`], status };
    const match = { method: "GET", path: /activities\/[^/]+$/ };
    world.sandbox.faults.push({ match, times: 1, fault: { kind: "status", status: 200, body } });
    stop();
  });
  await world.apply();
  world.pass(dayMs);
  await world.apply();
  for (const email of known) expect(world.row(email)?.subscribed).not.toBe(false);
});
