import { expect, test } from "vitest";
import { ProviderRefusalError, ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import { blocksIn, recordsOf } from "../../functions/platform/storage/history/history-block.ts";
import { createReaderHash } from "../../functions/platform/storage/history/reader-hash.ts";
import { historyKey, lockKey } from "../../functions/platform/storage/object-keys.ts";
import { InMemoryProvider } from "../support/in-memory-provider.ts";
import { joined, left, now, PushWorld, queued, timeOf } from "./push-world.ts";

const hourMs = 3_600_000;
const long = now - 400 * 24 * hourMs;
const ada = { subscribed: true, subscribedAt: long, fields: { guid: "1", data_firstname: "Ada" } };

function worldWith(...emails: string[]): PushWorld {
  return new PushWorld(
    emails.map((email, index) => [email, { ...ada, fields: { guid: String(index), data_firstname: "Ada" } }]),
    [],
  );
}

test("an opt-out is done, with its cause", async () => {
  const world = worldWith("ada@example.fr", "bob@example.fr");
  const message = queued(left("Ada@Example.fr"));
  const { applied } = await world.push([message]);
  expect(message.isDone).toBe(true);
  expect(applied?.unsubscribe).toBe(1);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({
    subscribed: false,
    cause: "READER",
  });
  expect(world.provider.subscribers.get("bob@example.fr")).toMatchObject({ subscribed: true });
});

test("an opt-out holds for every spelling of the address", async () => {
  const world = worldWith("ada@example.fr", "ADA@example.fr");
  await world.push([queued(left("ada@example.fr"))]);
  expect([...world.provider.subscribers.values()].map(({ subscribed }) => subscribed)).toEqual([
    false,
    false,
  ]);
});

test("a new reader is subscribed, with the fields", async () => {
  const world = worldWith();
  const message = queued(joined("eve@example.fr", 1, { guid: "7", data_firstname: "Eve" }));
  await world.push([message]);
  expect(message.isDone).toBe(true);
  expect(world.provider.subscribers.get("eve@example.fr")).toMatchObject({
    subscribed: true,
    fields: { guid: "7", data_firstname: "Eve" },
  });
});

test("only the fields that differ are sent, and no other reader is touched", async () => {
  const world = worldWith("ada@example.fr", "bob@example.fr");
  await world.push([queued(joined("ada@example.fr", 1, { data_firstname: "Augusta" }))]);
  expect(world.provider.written).toEqual([
    [{ email: "ada@example.fr", fields: { data_firstname: "Augusta" } }],
  ]);
});

test("a message that asks for what is there is done without a request that writes", async () => {
  const world = worldWith("ada@example.fr");
  const messages = [queued(joined("ada@example.fr")), queued(left("nobody@example.fr"))];
  const { unchanged } = await world.push(messages);
  expect(messages.map(({ isDone }) => isDone)).toEqual([true, true]);
  expect(unchanged).toBe(2);
  expect(world.provider.written).toEqual([]);
});

test("a consent that is older than the opt-out changes nothing, and the report says so", async () => {
  const world = worldWith();
  world.provider.subscribers.set("ada@example.fr", {
    subscribed: false,
    cause: "READER",
    unsubscribedAt: now - hourMs,
    fields: {},
  });
  const old = queued(joined("ada@example.fr", 90));
  expect(await world.push([old])).toMatchObject({ kept: { optedOut: 1 } });
  expect(old.isDone).toBe(true);
  const newer = queued(joined("ada@example.fr", 30));
  expect(await world.push([newer])).toMatchObject({ applied: { resubscribe: 1 } });
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: true });
});

test("an opt-out that is older than the reader's own subscription at the provider changes nothing", async () => {
  const world = worldWith();
  world.provider.subscribers.set("ada@example.fr", {
    subscribed: true,
    subscribedAt: now - hourMs,
    fields: {},
  });
  expect(await world.push([queued(left("ada@example.fr", 90))])).toMatchObject({ kept: { recent: 1 } });
  expect(await world.push([queued(left("ada@example.fr", 30))])).toMatchObject({
    applied: { unsubscribe: 1 },
  });
});

test("what a push did late counts as of when the reader said it", async () => {
  const world = worldWith();
  // All three waited for an hour, and the provider dates what they do now.
  const messages = [
    queued(joined("ada@example.fr", 90)),
    queued(left("ada@example.fr", 80)),
    queued(joined("ada@example.fr", 70)),
    queued(left("ada@example.fr", 60)),
  ];
  await world.push(messages);
  expect(messages.map(({ isDone }) => isDone)).toEqual([true, true, true, true]);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({
    subscribed: false,
    cause: "READER",
  });
  // A message that is given out twice, late, undoes nothing.
  await world.push([queued(joined("ada@example.fr", 70))]);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: false });
});

test("what a sync subscribed does not outweigh an opt-out that waited for it", async () => {
  const world = new PushWorld([], [{ email: "ada@example.fr" }]);
  await world.apply();
  await world.push([queued(left("ada@example.fr", 2))]);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: false });
});

test("whom a push subscribed has days of grace in a sync whose database does not have them yet", async () => {
  const world = new PushWorld([["bob@example.fr", { ...ada }]], [{ email: "bob@example.fr" }]);
  world.provider.now = now - hourMs;
  await world.push([queued(joined("ada@example.fr", 60))]);
  world.readAt = now;
  await world.apply();
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: true });
});

test("a sync after a push has nothing to do", async () => {
  const world = new PushWorld([["bob@example.fr", { ...ada, fields: {} }]], []);
  await world.push([queued(left("bob@example.fr")), queued(joined("ada@example.fr", 1, { guid: "7" }))]);
  world.columns = ["guid"];
  world.rows = [
    { email: "ada@example.fr", consentedAt: Date.parse(timeOf(1)), fields: { guid: "7" } },
    { email: "bob@example.fr", subscribed: false, cause: "READER" },
  ];
  const { planned, kept } = await world.apply();
  expect(planned).toMatchObject({ subscribe: 0, unsubscribe: 0, update: 0, resubscribe: 0 });
  expect(Object.values(kept).every((count) => count === 0)).toBe(true);
});

test("a message that can never be right is done once it is in the quarantine, with the reason", async () => {
  const world = worldWith("ada@example.fr");
  const messages = [
    queued("no JSON"),
    queued({ email: "ada@example.fr", subscribed: true }),
    queued({ ...joined("ada@nowhere") }),
    queued({ ...left("ada@example.fr"), colour: "red" }),
    queued({ ...joined("ada@example.fr"), colour: "red" }),
    queued({ ...joined("a\u200bda@example.fr") }),
  ];
  const { quarantined } = await world.push(messages);
  expect(messages.every(({ isDone }) => isDone)).toBe(true);
  expect(quarantined).toBe(6);
  const rows = await world.stored("quarantine");
  expect(rows.map(({ reason }) => reason)).toEqual([
    'expected an object with "subscribed": true or false, or with "optIn": true',
    "consented_at: expected a time with its offset, in ISO 8601",
    "no provider takes its address",
    'unknown field "colour": the fields are list, email, subscribed, unsubscribed_cause, at',
    "colour: neither a documented field nor a data_ one",
    "its address holds the invisible character U+200B",
  ]);
  expect(rows[2]).toMatchObject({ email: "ada@nowhere" });
  expect(world.provider.written).toEqual([]);
});

test("a list that is not known may come with the next deployment: its messages wait", async () => {
  const world = worldWith();
  const message = queued({ ...left("ada@example.fr"), list: "weekly" });
  const { failure } = await world.push({ list: "weekly", messages: [message], share: 1 });
  expect(failure?.name).toBe("InvalidEventError");
  expect(message.isDone).toBe(false);
});

test("a row that the provider refuses is set aside, and holds up no other", async () => {
  const world = worldWith("ada@example.fr");
  world.provider.accepts = (email) => email !== "eve@example.fr";
  const messages = [queued(joined("eve@example.fr")), queued(left("ada@example.fr"))];
  const { quarantined, applied } = await world.push(messages);
  expect(messages.every(({ isDone }) => isDone)).toBe(true);
  expect([quarantined, applied?.unsubscribe]).toEqual([1, 1]);
  expect(await world.stored("quarantine")).toMatchObject([{ email: "eve@example.fr" }]);
  expect(await world.push([queued(joined("eve@example.fr"))])).toMatchObject({ kept: { refused: 1 } });
});

test.each(["count", "page", "write"] as const)(
  "if the provider fails at a %s, the messages wait",
  async (call) => {
    const world = worldWith("ada@example.fr");
    world.provider.before = (made) => {
      if (made === call) throw new ProviderUnavailableError("POST /x", 1, "status 503");
    };
    const message = queued(left("ada@example.fr"));
    const { failure, waiting } = await world.push([message]);
    expect(failure?.name).toBe("ProviderUnavailableError");
    expect([message.isDone, waiting]).toEqual([false, 1]);
    world.provider.before = () => undefined;
    await world.push([message]);
    expect(message.isDone).toBe(true);
  },
);

test("what waits waits longer each time, an hour at most", () => {
  const waits = [1, 2, 3, 8, 50].map((receives) => queued({}, { receives }).waitSeconds);
  expect(waits).toEqual([30, 60, 120, 3600, 3600]);
});

test("what exceeds a limit of the day waits for a person, and the rest is done", async () => {
  const emails = Array.from({ length: 30 }, (_, n) => `reader-${n}@example.fr`);
  const world = worldWith(...emails);
  const leaving = emails.slice(0, 20).map((email) => queued(left(email)));
  const coming = queued(joined("eve@example.fr"));
  const { failure, held, check } = await world.push([...leaving, coming]);
  expect(failure?.name).toBe("UnsafePushError");
  expect([held, coming.isDone, leaving.some(({ isDone }) => isDone)]).toEqual([20, true, false]);
  expect(leaving[0]?.waitSeconds).toBe(900);
  expect(check?.event).toEqual({ list: "daily", approve: ["unsubscribe"] });
});

test("pushes and syncs share the limits of a day, and an approval lets as much again pass", async () => {
  const emails = Array.from({ length: 40 }, (_, n) => `reader-${n}@example.fr`);
  const world = worldWith(...emails);
  const leave = (from: number, to: number) => emails.slice(from, to).map((email) => queued(left(email)));
  expect(await world.push(leave(0, 15))).toMatchObject({ applied: { unsubscribe: 15 } });
  world.rows = emails.map((email, n) => ({ email, subscribed: n >= 25, cause: "READER" as const }));
  await expect(world.apply()).rejects.toThrow("beside 15 within the last 24 hours");
  const next = leave(15, 25);
  expect(await world.push(next)).toMatchObject({ held: 10 });
  const approval = { list: "daily", approve: ["unsubscribe" as const] };
  expect(await world.push({ ...approval, approvedBy: "Anna" })).toMatchObject({
    approval: { approvedBy: "Anna" },
  });
  expect(await world.push(next)).toMatchObject({ applied: { unsubscribe: 10 } });
  expect(await world.push(leave(25, 36))).toMatchObject({ held: 11 });
});

test("a list may require the name of who approves", async () => {
  const world = new PushWorld([], [], { requireApprovedBy: true });
  const { failure } = await world.push({ list: "daily", approve: ["unsubscribe"] });
  expect(failure?.message).toContain("approvedBy: missing");
});

test("while a sync works on the list, messages wait half a minute", async () => {
  const world = worldWith("ada@example.fr");
  const holder = { runId: "sync", expiresAt: new Date(now + hourMs).toISOString() };
  await world.store.put(lockKey("daily"), Buffer.from(JSON.stringify(holder)));
  const message = queued(left("ada@example.fr"), { receives: 9 });
  const { failure } = await world.push([message]);
  expect(failure?.name).toBe("ListBusyError");
  expect([message.isDone, message.waitSeconds]).toEqual([false, 30]);
  expect(world.provider.written).toEqual([]);
});

test("a later message of a reader waits behind one that cannot be done yet", async () => {
  const world = worldWith("ada@example.fr");
  world.provider.before = (call) => {
    if (call === "write") throw new ProviderUnavailableError("POST /x", 1, "status 503");
  };
  const messages = [queued(left("ada@example.fr", 2)), queued(joined("ada@example.fr", 1))];
  await world.push(messages);
  expect(messages.map(({ isDone }) => isDone)).toEqual([false, false]);
});

test("whoever opted out under another address with the same guid is not subscribed by an older consent", async () => {
  const world = worldWith();
  world.provider.subscribers.set("old@example.fr", {
    subscribed: false,
    cause: "READER",
    unsubscribedAt: now - hourMs,
    fields: { guid: "7" },
  });
  expect(await world.push([queued(joined("new@example.fr", 90, { guid: "7" }))])).toMatchObject({
    kept: { optedOut: 1 },
  });
  expect(await world.push([queued(joined("new@example.fr", 1, { guid: "7" }))])).toMatchObject({
    applied: { subscribe: 1 },
  });
});

test("two readers of a batch with the same guid are sent one after the other, as the provider takes a guid once", async () => {
  const world = worldWith();
  const messages = ["one@example.fr", "two@example.fr"].map((email) =>
    queued(joined(email, 1, { guid: "7" })),
  );
  await world.push(messages);
  expect([...world.provider.subscribers.keys()]).toEqual(["one@example.fr", "two@example.fr"]);
});

test("a consent of the future is none", async () => {
  const world = new PushWorld(new InMemoryProvider(), []);
  world.provider.subscribers.set("ada@example.fr", {
    subscribed: false,
    cause: "READER",
    unsubscribedAt: now - hourMs,
    fields: {},
  });
  expect(await world.push([queued(joined("ada@example.fr", -10))])).toMatchObject({ kept: { optedOut: 1 } });
});

test("readers are asked at the provider's pace, and the others each wait for their turn", async () => {
  const world = worldWith();
  const ask = (n: number) => queued({ email: `reader-${n}@example.fr`, optIn: true, data_firstname: "Ada" });
  const messages = Array.from({ length: 12 }, (_, n) => ask(n));
  expect(await world.push(messages)).toMatchObject({ optIns: 5 });
  expect(messages.map(({ isDone }) => isDone)).toEqual([...Array(5).fill(true), ...Array(7).fill(false)]);
  expect(messages.slice(5).map(({ waitSeconds }) => waitSeconds)).toEqual([60, 60, 60, 60, 60, 120, 120]);
  expect(await world.push([ask(20)])).toMatchObject({ optIns: 0 });
  world.pushedAt += 60_001;
  expect(await world.push(messages.slice(5))).toMatchObject({ optIns: 5 });
  expect(world.asked).toHaveLength(10);
});

test("whom the provider refuses to ask is set aside, and holds up nobody", async () => {
  const world = worldWith();
  const refusal = new ProviderRefusalError("POST /subscribe/{trackingKey}", 400, "no");
  world.optIns = {
    ask: async ({ email }) => {
      if (email.startsWith("bad")) throw refusal;
    },
  };
  const ask = (email: string) => queued({ email, optIn: true, guid: "7" }, { receives: 9 });
  const alone = ask("bad@example.fr");
  expect((await world.push([alone])).failure).toBe(refusal);
  // The form's keys may be wrong.
  expect([alone.isDone, alone.waitSeconds]).toEqual([false, 3600]);
  world.pushedAt += 60_001;
  expect(await world.push([ask("bad@example.fr"), ask("eve@example.fr")])).toMatchObject({
    optIns: 1,
    quarantined: 1,
    waiting: 0,
  });
});

test("where the provider has no double opt-in, the message is set aside with that reason", async () => {
  const world = worldWith();
  world.optIns = undefined;
  const message = queued({ email: "ada@example.fr", optIn: true });
  expect(await world.push([message])).toMatchObject({ quarantined: 1 });
  expect(message.isDone).toBe(true);
  expect(await world.stored("quarantine")).toMatchObject([
    { reason: "the list's provider has no double opt-in" },
  ]);
});

test("a reader who comes back on the website before a sync has done what they had said there does come back", async () => {
  const world = new PushWorld(
    [["ada@example.fr", { ...ada }]],
    [{ email: "ada@example.fr", subscribed: false, cause: "READER" }],
  );
  // The database was read before the reader came back, and the sync ends after that.
  await world.apply();
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ unsubscribedAt: now });
  await world.push([queued(left("ada@example.fr", 5)), queued(joined("ada@example.fr", 2))]);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: true });
});

test("a reader who left at the provider itself is not brought back by what they said before", async () => {
  const world = worldWith("ada@example.fr");
  await world.push([queued(left("ada@example.fr", 60))]);
  const ada = world.provider.subscribers.get("ada@example.fr")!;
  Object.assign(ada, { unsubscribedAt: now + 20 * 60_000 });
  world.pushedAt = now + hourMs;
  await world.push([queued(joined("ada@example.fr", 30))]);
  expect(world.provider.subscribers.get("ada@example.fr")?.subscribed).toBe(false);
});

test("an opt-out is not given up because a search misses a reader", async () => {
  const world = worldWith("ada@example.fr");
  // As if its index lagged.
  Object.assign(world.provider, {
    findSubscribers: async () => ({ rows: [], showsGuid: true, showsData: true }),
  });
  await world.push([queued(left("ada@example.fr"))]);
  expect(world.provider.subscribers.get("ada@example.fr")).toMatchObject({ subscribed: false });
});

test("what a search finds is believed, and the list is not read", async () => {
  const world = worldWith("ada@example.fr");
  const calls: string[] = [];
  world.provider.before = (call) => calls.push(call);
  const rows = [{ email: "ada@example.fr", subscribed: true, subscribedAt: long, fields: {} }];
  Object.assign(world.provider, {
    findSubscribers: async () => ({ rows, showsGuid: true, showsData: true }),
  });
  await world.push([queued(left("ada@example.fr"))]);
  expect(calls).toEqual(["count", "write"]);
});

test("a message that is set aside waits if the quarantine cannot be written", async () => {
  const world = worldWith();
  world.store.put = () => Promise.reject(new Error("S3 is down"));
  const message = queued("no JSON");
  await world.push([message]);
  expect(message.isDone).toBe(false);
});

test("a search that does not show who has the same guid is not enough for an old consent", async () => {
  const world = worldWith();
  const left = {
    subscribed: false,
    cause: "READER",
    unsubscribedAt: now - hourMs,
    fields: { guid: "7" },
  } as const;
  world.provider.subscribers.set("old@example.fr", left);
  Object.assign(world.provider, {
    findSubscribers: async () => ({ rows: [], showsGuid: true, showsData: true }),
  });
  expect(await world.push([queued(joined("new@example.fr", 90, { guid: "7" }))])).toMatchObject({
    kept: { optedOut: 1 },
  });
});

test("a later message of a reader waits behind one that is no longer right when it is sent", async () => {
  const world = worldWith();
  world.provider.before = (call) => {
    if (call === "write")
      world.provider.subscribers.set("ada@example.fr", { subscribed: false, cause: "READER", fields: {} });
  };
  const messages = [queued(joined("ada@example.fr", 2)), queued(joined("ada@example.fr", 1))];
  await world.push(messages);
  expect(messages.map(({ isDone }) => isDone)).toEqual([false, false]);
});

test("what a push did to a reader is in the history, and a history that fails holds nobody back", async () => {
  const world = worldWith();
  const hash = createReaderHash("k".repeat(32));
  world.readHash = async () => hash;
  await world.push([queued(joined("new@example.fr", 2)), queued({ ...left("ada@example.fr"), at: "today" })]);
  const { bytes } = (await world.store.get(historyKey("daily", "2026-06-01")))!;
  const blocks = [...blocksIn(bytes, () => undefined)];
  for (const { header } of blocks) expect(header).toMatchObject({ job: "push-changes", startedBy: "queue" });
  const deedsOf = (email: string) =>
    blocks.flatMap((block) =>
      [...recordsOf(hash(email), block)].map(({ deed, stage }) => `${deed} ${stage}`),
    );
  expect(deedsOf("new@example.fr")).toEqual(["subscribe done"]);
  expect(deedsOf("ada@example.fr")).toEqual(["setAside done"]);
  world.readHash = () => Promise.reject(new Error("there is no key"));
  const message = queued(joined("another@example.fr", 1));
  const { failure, notes } = await world.push([message]);
  expect([failure, message.isDone]).toEqual([undefined, true]);
  expect(notes?.join()).toMatch(/is not in the history/);
});
