import { join } from "node:path";
import pMap from "p-map";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { faults } from "../support/calls.ts";
import { useOwnDisk } from "../support/own-disk.ts";
import { ImportHistory, limitMs, undisturbedRun } from "./import-history.ts";

/**
 * Whatever happens at any call to the outside:
 *
 * 1. a file is announced only when all files of its run are whole, each byte for byte what an undisturbed run writes;
 * 2. the report says which files were announced, or may have been, and which of them the provider accepted;
 * 3. a run ends with an error of ours or with the one that it met, and reveals no address and no link;
 * 4. its lock ends with it, or at its deadline; its source is closed, and nothing stays on the disk;
 * 5. the next undisturbed run announces all files.
 */
const leftOnDisk = useOwnDisk();
const atOnce = { concurrency: 6 };
let whole: readonly string[];
let places: readonly string[];

beforeAll(async () => {
  ({ whole, places } = await undisturbedRun());
});

test("an undisturbed run writes three files, and all it does outside itself is a call", () => {
  expect(whole.map((csv) => csv.trimEnd().split("\n").length - 1)).toEqual([3, 3, 2]);
  expect(places).toEqual([
    "put daily.json #1",
    "count #1",
    "open the source #1",
    ...Array.from({ length: 6 }, (_, n) => `block #${n + 1}`),
    "end of the blocks #1",
    ...["begin #1", "chunk #1", "chunk #2", "end #1"].map((part) => `upload daily-00000.csv: ${part}`),
    ...["begin #1", "chunk #1", "chunk #2", "chunk #3", "end #1"].map(
      (part) => `upload daily-00001.csv: ${part}`,
    ),
    ...["begin #1", "chunk #1", "chunk #2", "end #1"].map((part) => `upload daily-00002.csv: ${part}`),
    "put rows-00000.ndjson.gz #1",
    ...[0, 1, 2].flatMap((file) => [`linkTo daily-0000${file}.csv #1`, `import daily-0000${file}.csv #1`]),
    "put daily.json #2",
    ...[1, 2, 3, 4].flatMap((poll) => [`sleep #${poll}`, `count #${poll + 1}`]),
  ]);
});

describe("every rule holds when one call", () => {
  test.each(faults)("%s, whichever it is", async (fault) => {
    let killed = 0;
    const disturb = async (place: string) => {
      const history = new ImportHistory(whole);
      const { isKilled, error } = await history.run({ faults: [[place, fault]] });
      if (isKilled) killed++;
      if (fault === "is done twice, and the second answer counts") expect(error, place).toBeUndefined();
      await history.runUndisturbed(limitMs);
      expect(history.rules.broken, `${place} ${fault}`).toEqual([]);
    };
    await pMap(places, disturb, atOnce);
    expect(killed).toBe(fault === "never ends, as the run is killed" ? places.length : 0);
    expect(leftOnDisk().length).toBeLessThanOrEqual(killed);
  });
});

test("a source is closed even if the disk cannot be written", async () => {
  const disk = process.env["TMPDIR"]!;
  vi.stubEnv("TMPDIR", join(disk, "missing"));
  const history = new ImportHistory(whole);
  const { error } = await history.run();
  vi.stubEnv("TMPDIR", disk);
  expect(error).toMatchObject({ code: "ENOENT" });
  expect(history.rules.broken).not.toContain("a source was left open");
});
