import { expect, test } from "vitest";
import { start } from "../../providers/constant-contact/connect.ts";
import { AccountWorld, dayMs, member, nothingPlanned } from "./account-world.ts";

const optedOut = (email: string, by: "Contact" | "Account" = "Contact") =>
  member(email, {
    permission_to_send: "unsubscribed",
    opt_out_source: by,
    opt_out_date: new Date(start - 10 * dayMs).toISOString(),
  });
const consented = (email: string, consentedAt = start - dayMs) => ({ email, consentedAt });
const once = { unsubscribed: 1 };

async function worldThatAsks(options: object = {}) {
  return AccountWorld.create(
    [optedOut("again@x.fr"), optedOut("older@x.fr"), optedOut("editor@x.fr", "Account"), member("on@x.fr")],
    [
      consented("again@x.fr"),
      consented("older@x.fr", start - 20 * dayMs),
      consented("editor@x.fr"),
      { email: "on@x.fr" },
    ],
    options,
  );
}

test("a list that asks nobody tells the database of every opt-out from everything, and sends nothing", async () => {
  const world = await worldThatAsks();
  const report = await world.apply();
  expect(report.planned).toMatchObject({ ...nothingPlanned, returns: { unsubscribed: 3 } });
  expect(report.notLifted).toBe(2);
  expect(world.sandbox.askedAgain()).toEqual([]);
  expect(world.imported).toEqual([]);
});

test("a list that asks again asks once whoever opted out and consented since, and puts nobody into a file", async () => {
  const world = await worldThatAsks({ list: { askAgain: true } });
  const report = await world.apply();
  expect(report.planned).toMatchObject({ resubscribe: 1, returns: { unsubscribed: 2 } });
  expect(report.notes.join()).toMatch(/asked by mail whether to subscribe again: 1/);
  expect(world.sandbox.askedAgain()).toEqual([world.sandbox.contact("again@x.fr")?.contact_id]);
  expect(world.imported).toEqual([]);
  const again = await world.apply();
  expect(again.planned).toMatchObject(nothingPlanned);
  expect(again.kept.pending).toBe(1);
});

test("the database is told of an opt-out once the answer has not come for a month, or is no", async () => {
  const world = await worldThatAsks({ list: { askAgain: true } });
  await world.apply();
  world.pass(31 * dayMs);
  expect((await world.apply()).planned).toMatchObject({ resubscribe: 0, returns: once });
});

test("whoever confirms is subscribed on both sides", async () => {
  const world = await worldThatAsks({ list: { askAgain: true } });
  await world.apply();
  world.sandbox.people.confirm("again@x.fr");
  const { planned } = await world.apply();
  expect(planned).toMatchObject(nothingPlanned);
  world.pass(dayMs);
  expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  expect(world.isSubscribed("again@x.fr")).toBe(true);
  expect(world.row("again@x.fr")?.subscribed ?? true).toBe(true);
});

test("what is remembered of it may be lost: the provider asks nobody twice", async () => {
  const world = await worldThatAsks({ list: { askAgain: true } });
  await world.apply();
  const { objects } = world.world.store;
  const key = [...objects.keys()].find((name) => name.endsWith("/asked.json"))!;
  objects.delete(key);
  const { planned, applied } = await world.apply();
  expect([planned.resubscribe, applied.resubscribe]).toEqual([1, 1]);
  expect((await world.apply()).planned).toMatchObject({ resubscribe: 0 });
});
