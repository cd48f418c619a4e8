import pMap from "p-map";
import { describe, expect, test } from "vitest";
import { ListBusyError } from "../../functions/domain/errors.ts";
import { type Ended, ImportHistory, limitMs, undisturbedRun } from "./import-history.ts";

/** The calls that only the run with the lock may make. */
const isWork = (place: string) => /^(upload|put rows|put summary|put budget|linkTo|import)/.test(place);

describe.each([
  ["without a lock", undefined],
  ["with an expired lock left behind", "count #1"],
])("of two runs at once, on a list %s, only one works at a time", (_, killedAt) => {
  test.each([
    ["runs beside the first", false],
    ["ends before the first continues", true],
  ])("if the second begins at any call of the first and %s", async (_, isAwaited) => {
    const { places } = await undisturbedRun();
    let refused = 0;
    const runBoth = async (at: string) => {
      const history = new ImportHistory();
      if (killedAt !== undefined)
        await history.run({ faults: [[killedAt, "never ends, as the run is killed"]] });
      history.made.length = 0;
      let second: Promise<Ended> | undefined;
      const onCall = async (place: string) => {
        if (place !== at) return;
        second = history.run({ atMs: limitMs });
        if (isAwaited) await second;
      };
      const first = await history.run({ atMs: limitMs, onCall });
      const both = [first, await second!];
      expect(history.rules.broken, at).toEqual([]);
      refused += expectInTurn(history, both, at);
    };
    await pMap(places, runBoth, { concurrency: 6 });
    // One is refused if the second begins before the first releases the lock, and neither once the first only watches.
    const worksUntil = places.indexOf("put daily.json #2");
    expect(refused).toBeGreaterThanOrEqual(worksUntil);
    expect(refused).toBeLessThan(places.length);
  });
});

/** @returns how many of the two were refused: none or one */
function expectInTurn({ made }: ImportHistory, both: readonly Ended[], at: string): number {
  const work = made.filter(({ place }) => isWork(place)).map(({ id }) => id);
  const changes = work.filter((id, n) => n > 0 && id !== work[n - 1]).length;
  const refused = both.filter(({ error }) => error !== undefined);
  expect(changes, at).toBe(1 - refused.length);
  for (const { error, id } of refused) {
    expect(error, at).toBeInstanceOf(ListBusyError);
    expect(work, at).not.toContain(id);
  }
  return refused.length;
}
