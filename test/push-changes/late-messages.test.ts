import { expect, test } from "vitest";
import { parseMessage } from "../../functions/push-changes/push-message.ts";
import { joined, left, now, PushWorld, queued, timeOf } from "./push-world.ts";

const hourMs = 3_600_000;
const long = now - 400 * 24 * hourMs;
const ada = "ada@example.fr";

function worldWith(...emails: string[]): PushWorld {
  const row = { subscribed: true, subscribedAt: long, fields: { data_firstname: "Ada" } };
  return new PushWorld(
    emails.map((email) => [email, structuredClone(row)]),
    [],
  );
}

const isSubscribed = (world: PushWorld) => world.provider.subscribers.get(ada)?.subscribed;

test("an opt-out that comes late does not undo a newer subscription that changed nothing", async () => {
  const world = worldWith(ada);
  await world.push([queued(joined(ada, 5))]);
  expect(await world.push([queued(left(ada, 10))])).toMatchObject({ kept: { recent: 1 } });
  expect(isSubscribed(world)).toBe(true);
  await world.push([queued(left(ada, 4))]);
  expect(isSubscribed(world)).toBe(false);
});

test("an opt-out that comes late does not undo a newer subscription that changed a field", async () => {
  const world = worldWith(ada);
  await world.push([queued(joined(ada, 5, { data_firstname: "Augusta" }))]);
  await world.push([queued(left(ada, 10))]);
  expect(isSubscribed(world)).toBe(true);
});

test("a subscription that comes late does not undo an opt-out for which nothing was to be done", async () => {
  const world = worldWith();
  await world.push([queued(left(ada, 5))]);
  expect(await world.push([queued(joined(ada, 10))])).toMatchObject({ kept: { optedOut: 1 } });
  expect(isSubscribed(world)).toBeUndefined();
  await world.push([queued(joined(ada, 4))]);
  expect(isSubscribed(world)).toBe(true);
});

test("who says again that they leave is not brought back by what they said in between", async () => {
  const world = worldWith();
  const gone = { subscribed: false, cause: "READER", unsubscribedAt: now - hourMs, fields: {} } as const;
  world.provider.subscribers.set(ada, gone);
  await world.push([queued(left(ada, 5))]);
  expect(await world.push([queued(joined(ada, 10))])).toMatchObject({ kept: { optedOut: 1 } });
});

test("a duplicate of an old opt-out does not make the last one older", async () => {
  const world = worldWith(ada);
  await world.push([queued(left(ada, 5))]);
  await world.push([queued(left(ada, 90))]);
  expect(await world.push([queued(joined(ada, 60))])).toMatchObject({ kept: { optedOut: 1 } });
});

test("a reader who leaves at the provider a moment after they came back on the website keeps their own time", async () => {
  const world = worldWith(ada);
  await world.push([queued(left(ada, 9)), queued(joined(ada, 7))]);
  const row = world.provider.subscribers.get(ada)!;
  Object.assign(row, { subscribed: false, cause: "READER", unsubscribedAt: now + 60_000 });
  await world.push([queued(joined(ada, 5))]);
  expect(isSubscribed(world)).toBe(false);
});

test("a subscription that comes late overwrites no field that a newer one has set", async () => {
  const world = worldWith(ada);
  await world.push([queued(joined(ada, 5, { data_firstname: "Augusta" }))]);
  expect(await world.push([queued(joined(ada, 10, { data_firstname: "Eve" }))])).toMatchObject({
    kept: { recent: 1 },
  });
  expect(world.provider.subscribers.get(ada)?.fields["data_firstname"]).toBe("Augusta");
});

test("of what was said within the same second, the opt-out holds", async () => {
  for (const messages of [
    [joined(ada, 5), left(ada, 5)],
    [left(ada, 5), joined(ada, 5)],
  ]) {
    const world = worldWith(ada);
    await world.push(messages.map((message) => queued(message)));
    expect(isSubscribed(world)).toBe(false);
  }
});

test("a consent whose time cannot be outweighs no opt-out", async () => {
  for (const consented_at of ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59"]) {
    const world = worldWith();
    await world.push([queued({ ...joined(ada), consented_at })]);
    expect(isSubscribed(world)).toBe(true);
    await world.push([queued(left(ada, 1))]);
    expect(isSubscribed(world)).toBe(false);
  }
});

test("an opt-out whose time cannot be counts as of now", () => {
  for (const at of ["1970-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z", timeOf(-600)]) {
    const body = JSON.stringify({ list: "daily", ...left(ada), at });
    expect(parseMessage(body, now)).toMatchObject({ saidAt: now });
  }
});

test("what a function had subscribed when it was killed does not outweigh the opt-out that waits behind it", async () => {
  const world = worldWith();
  const { writeBatch } = world.provider;
  world.provider.writeBatch = async (...sent) => {
    await writeBatch.apply(world.provider, sent);
    // From here on nothing is written any more.
    world.store.put = () => Promise.reject(new Error("killed"));
    throw new Error("killed");
  };
  const { put } = world.store;
  await world.push([queued(joined(ada, 9))]);
  Object.assign(world.provider, { writeBatch });
  world.store.put = put;
  // Once its lock has expired.
  world.pushedAt += hourMs;
  await world.push([queued(joined(ada, 9)), queued(left(ada, 8))]);
  expect(isSubscribed(world)).toBe(false);
});
