import { expect, test } from "vitest";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import { joined, left, now, PushWorld, queued } from "./push-world.ts";

const readers = Array.from({ length: 30 }, (_, n) => `reader-${n}@example.fr`);

function worldWith(...emails: string[]): PushWorld {
  const row = { subscribed: true, subscribedAt: now - 1e10, fields: { data_firstname: "Ada" } };
  return new PushWorld(
    emails.map((email) => [email, structuredClone(row)]),
    [],
  );
}

/** More changes of values than a day may have. */
const flood = () => readers.map((email) => queued(joined(email, 5, { data_firstname: "X" })));

test("an opt-out does not wait behind a change of the same reader's that exceeds a limit", async () => {
  const world = worldWith(...readers);
  const waiting = flood();
  const leaving = queued(left(readers[3]!, 1));
  expect(await world.push([...waiting, leaving])).toMatchObject({ held: 30, applied: { unsubscribe: 1 } });
  expect(world.provider.subscribers.get(readers[3]!)).toMatchObject({ subscribed: false, cause: "READER" });
  // Given out again, what stood before it brings nobody back.
  await world.push({ list: "daily", approve: ["update"] });
  await world.push([...waiting, leaving]);
  expect(world.provider.subscribers.get(readers[3]!)).toMatchObject({ subscribed: false });
});

test("what exceeds a limit holds back no later message of another reader", async () => {
  const world = worldWith(...readers, "ada@example.fr");
  const messages = [queued(joined("ada@example.fr", 3)), queued(left("ada@example.fr", 1))];
  await world.push([...flood(), ...messages]);
  expect(messages.map(({ isDone }) => isDone)).toEqual([true, true]);
});

test("a subscription behind a message that waits has to wait, too, whatever stands between them", async () => {
  const world = worldWith(...readers);
  const later = [queued(left(readers[3]!, 3)), queued(joined(readers[3]!, 1))];
  await world.push([...flood(), ...later]);
  expect(later.map(({ isDone }) => isDone)).toEqual([true, false]);
});

test("a row at which the provider fails holds up no batch behind it", async () => {
  const world = worldWith(...readers);
  const { writeBatch } = world.provider;
  world.provider.writeBatch = (changes, options) =>
    changes.some(({ email }) => email === readers[0])
      ? Promise.reject(new ProviderUnavailableError("POST /x", 1, "status 500", { mayBeRows: true }))
      : writeBatch.call(world.provider, changes, options);
  const messages = readers.slice(0, 9).map((email) => queued(left(email)));
  const { failure } = await world.push(messages);
  expect(failure?.name).toBe("ProviderUnavailableError");
  expect(messages.filter(({ isDone }) => !isDone)).toEqual([messages[0]]);
});

test("what waits for a person is not given up before one has had days to look", async () => {
  const world = worldWith(...readers);
  const messages = readers.map((email, n) =>
    queued(joined(email, 5, { data_firstname: "X" }), { receives: n + 1 }),
  );
  await world.push(messages);
  const waits = Array.from({ length: 100 }, (_, n) => messages[Math.min(n, 29)]!.waitSeconds);
  expect(waits.slice(0, 3)).toEqual([900, 900, 900]);
  expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(3.9 * 24 * 3600);
});
