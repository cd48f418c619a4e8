import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { type Fault, faults } from "../support/calls.ts";
import { ImportHistory, limitMs, undisturbedRun } from "./import-history.ts";

let places: readonly string[];

beforeAll(async () => {
  ({ places } = await undisturbedRun());
});

const someFaults = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...faults)), { minLength: 1, maxLength: 4 });
const pauseMs = fc.constantFrom(1000, limitMs - 1, limitMs, 2 * limitMs);
const disturbedRuns = fc.array(fc.tuple(someFaults, pauseMs), { minLength: 1, maxLength: 3 });

property.prop([disturbedRuns], { numRuns: 50 })(
  "every rule of faults.test.ts holds when several calls of several runs are disturbed",
  async (runs) => {
    const history = new ImportHistory();
    let atMs = 0;
    for (const [drawn, pauseMs] of runs) {
      const struck = drawn.map(([n, fault]): [string, Fault] => [places[n % places.length]!, fault]);
      await history.run({ atMs, faults: struck });
      atMs += pauseMs;
    }
    await history.runUndisturbed(atMs + limitMs);
    expect(history.rules.broken).toEqual([]);
  },
);
