import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSemaphore } from "../../functions/platform/semaphore.ts";

test("a permit goes to whoever waits longest for one, and only once", async () => {
  const acquire = createSemaphore(2);
  const acquired: number[] = [];
  const waiting = [0, 1, 2, 3].map(async (caller) => {
    const release = await acquire();
    acquired.push(caller);
    return release;
  });
  await nextTurn();
  expect(acquired).toEqual([0, 1]);
  const release = await waiting[1]!;
  release();
  release();
  await nextTurn();
  expect(acquired).toEqual([0, 1, 2]);
});
