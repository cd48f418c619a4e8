import pMap from "p-map";
import { beforeAll, describe, expect, test } from "vitest";
import { faults } from "../support/calls.ts";
import { ImportHistory, limitMs, undisturbedRun } from "./import-history.ts";

/**
 * Whatever happens at any call to the outside:
 *
 * 1. a file is announced only when all files of its run are whole, each byte for byte what the plan says;
 * 2. nothing is announced before the unsubscriptions, and no file ever holds somebody who has opted out or bounced;
 * 3. the report says which files were announced, or may have been, and which of them the provider accepted;
 * 4. a run succeeds only if both sides agree on all that it announced; otherwise it ends with an error of ours or with the
 *    one that it met, and reveals no address and no link;
 * 5. its lock ends with it, or at its deadline, and its source is closed;
 * 6. the next undisturbed run makes the list what the database wants.
 */
const atOnce = { concurrency: 6 };
let places: readonly string[];
let files: readonly string[];

beforeAll(async () => {
  ({ places, files } = await undisturbedRun());
});

test("an undisturbed run writes a file for each group, and all it does outside itself is a call", () => {
  expect(files).toEqual([
    "daily-optOut-00000.csv",
    "daily-missing-00000.csv",
    "daily-subscribe-00000.csv",
    "daily-subscribe-00001.csv",
    "daily-update-00000.csv",
    "daily-fill-00000.csv",
  ]);
  const count = (pattern: RegExp) => places.filter((place) => pattern.test(place)).length;
  // The approval, and the lock twice.
  expect(count(/^put daily.json/)).toBe(3);
  expect(count(/^open the source/)).toBe(2);
  expect(count(/^upload .*: begin/)).toBe(6);
  expect(count(/^import /)).toBe(6);
  const indexOf = (place: string) => places.indexOf(place);
  expect(indexOf("put summary.json #1")).toBeGreaterThan(indexOf("upload daily-fill-00000.csv: end #1"));
  expect(indexOf("put budget.json #1")).toBeGreaterThan(indexOf("put summary.json #1"));
  expect(indexOf("import daily-optOut-00000.csv #1")).toBeGreaterThan(indexOf("put budget.json #1"));
  expect(indexOf("open the source #2")).toBeGreaterThan(indexOf("put daily.json #3"));
});

describe("every rule holds when one call", () => {
  test.each(faults)("%s, whichever it is", async (fault) => {
    let killed = 0;
    const disturb = async (place: string) => {
      const history = new ImportHistory();
      const { isKilled, error } = await history.run({ faults: [[place, fault]] });
      if (isKilled) killed++;
      if (fault === "is done twice, and the second answer counts") expect(error, place).toBeUndefined();
      await history.runUndisturbed(limitMs);
      expect(history.rules.broken, `${place} ${fault}`).toEqual([]);
    };
    await pMap(places, disturb, atOnce);
    expect(killed).toBe(fault === "never ends, as the run is killed" ? places.length : 0);
  });
});
