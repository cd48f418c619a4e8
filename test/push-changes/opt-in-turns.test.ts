import { expect, test } from "vitest";
import { PushWorld, queued } from "./push-world.ts";

/** How often the queue gives a message out. */
const mostDeliveries = 100;
/** How many a function takes together. */
const mostTogether = 5_000;
const everySeconds = 30;

test("of thousands of double opt-ins at once, all are asked before one is out of deliveries, and five a minute", async () => {
  const world = new PushWorld([], []);
  const begunAt = world.pushedAt;
  let waiting = Array.from({ length: 7_000 }, (_, n) => ({
    message: { email: `reader-${n}@example.fr`, optIn: true },
    receives: 0,
    due: begunAt,
  }));
  let most = 0;
  const asked: number[] = [];
  for (; waiting.length > 0 && asked.length < 12_000; world.pushedAt += everySeconds * 1_000) {
    const given = waiting
      .filter(({ due }) => due <= world.pushedAt)
      .slice(0, mostTogether)
      .map((line) => ({ line, sent: queued(line.message, { receives: ++line.receives }) }));
    const before = world.asked.length;
    if (given.length > 0) await world.push(given.map(({ sent }) => sent));
    asked.push(world.asked.length - before);
    for (const { line, sent } of given) line.due = world.pushedAt + 1_000 * sent.waitSeconds;
    const done = new Set(given.filter(({ sent }) => sent.isDone).map(({ line }) => line));
    most = Math.max(most, ...given.map(({ line }) => line.receives));
    waiting = waiting.filter((line) => !done.has(line));
  }
  expect(waiting).toEqual([]);
  expect(most).toBeLessThan(mostDeliveries);
  for (const [index, count] of asked.entries())
    expect(count + (asked[index + 1] ?? 0)).toBeLessThanOrEqual(5);
});
