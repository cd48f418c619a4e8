import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPlaces } from "../../functions/platform/places.ts";

test("who comes when all places are taken enters when somebody leaves, in the order of coming", async () => {
  const enter = createPlaces(2);
  const entered: number[] = [];
  const guests = [0, 1, 2, 3].map(async (guest) => {
    const leave = await enter();
    entered.push(guest);
    return leave;
  });
  await nextTurn();
  expect(entered).toEqual([0, 1]);
  const leave = await guests[1]!;
  leave();
  leave();
  await nextTurn();
  expect(entered).toEqual([0, 1, 2]);
});
