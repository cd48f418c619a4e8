import pMap from "p-map";
import { expect, test } from "vitest";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import { useOwnDisk } from "../support/own-disk.ts";
import { ArchiveHistory, type Ended } from "./archive-history.ts";
import type { Version } from "./growing-files.ts";

const leftOnDisk = useOwnDisk();

// Two runs meet at a file, so the files of one day are enough.
const newHistory = () => new ArchiveHistory(undefined, { from: "2026-03-09" });

const given: [Version, Version][] = [
  ["first", "last"],
  ["last", "first"],
  ["last", "last"],
];
const ways = [
  ["runs beside the first", false],
  ["ends before the first continues", true],
] as const;

test.each(given.flatMap((versions) => ways.map((way) => [...versions, ...way] as const)))(
  "two runs that get the %s and the %s version end as one run would, if the second begins at any call and %s",
  async (one, other, _, isAwaited) => {
    const { places } = (await newHistory().run({ isEarly: true, version: one })).calls;
    const undisturbed = newHistory();
    await undisturbed.run();
    const runBoth = async (at: string) => {
      const history = newHistory();
      let second: Promise<Ended> | undefined;
      const onCall = async (place: string) => {
        if (place !== at) return;
        second = history.run({ isEarly: true, version: other });
        if (isAwaited) await second;
      };
      const first = await history.run({ isEarly: true, version: one, onCall });
      for (const { error } of [first, await second!]) {
        // The run that comes with fewer rows than are stored by then is refused.
        if (error !== undefined) expect(error, at).toBeInstanceOf(ArchiveIncompleteError);
        if (error !== undefined) expect([one, other], at).toContain("first");
      }
      const { error } = await history.run();
      expect({ error, broken: history.rules.broken }, at).toEqual({ error: undefined, broken: [] });
      expect(history.archived, at).toEqual(undisturbed.archived);
    };
    const stable = places.filter((place) => !/^upload .*chunk #[2-9]$/.test(place));
    await pMap(stable, runBoth, { concurrency: 4 });
    expect(leftOnDisk()).toEqual([]);
  },
);
