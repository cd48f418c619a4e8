import { expect, test } from "vitest";
import { Pace } from "../../../functions/providers/constant-contact/pace.ts";
import { MovedClock, signal, start } from "./connect.ts";

const paced = (random = 0) => {
  const clock = new MovedClock();
  return { clock, pace: new Pace({ perSecond: 2, clock, random: () => random }) };
};

/** When each of these turns came, in ms after the start. */
async function turns(pace: Pace, clock: MovedClock, count: number): Promise<number[]> {
  const take = async () => {
    await pace.turn(signal);
    return clock.now() - start;
  };
  return Promise.all(Array.from({ length: count }, take));
}

test("turns come one after the other, evenly, the first one at once", async () => {
  const { clock, pace } = paced();
  expect(await turns(pace, clock, 4)).toEqual([0, 500, 1_000, 1_500]);
});

test("time in which nobody asked is no credit", async () => {
  const { clock, pace } = paced();
  await turns(pace, clock, 1);
  clock.time += 10_000;
  expect(await turns(pace, clock, 3)).toEqual([10_000, 10_500, 11_000]);
});

test("a pause lasts from one to two seconds, for everybody", async () => {
  for (const [random, first] of [
    [0, 1_000],
    [0.5, 1_500],
  ] as const) {
    const { clock, pace } = paced(random);
    pace.pause();
    expect(await turns(pace, clock, 2)).toEqual([first, first + 500]);
  }
});

test("who is called off while waiting gets no turn", async () => {
  const { pace } = paced();
  await pace.turn(signal);
  const controller = new AbortController();
  const turn = pace.turn(controller.signal);
  controller.abort(new Error("over"));
  await expect(turn).rejects.toThrow("over");
});
