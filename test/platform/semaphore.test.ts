import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSemaphore } from "../../functions/platform/semaphore.ts";

test("who comes when all places are taken enters when somebody leaves, in the order of coming", async () => {
  const acquire = createSemaphore(2);
  const entered: number[] = [];
  const guests = [0, 1, 2, 3].map(async (guest) => {
    const release = await acquire();
    entered.push(guest);
    return release;
  });
  await nextTurn();
  expect(entered).toEqual([0, 1]);
  const release = await guests[1]!;
  release();
  release();
  await nextTurn();
  expect(entered).toEqual([0, 1, 2]);
});
