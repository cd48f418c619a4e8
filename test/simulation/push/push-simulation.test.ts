import "../synchronous-zlib.ts";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { pushPromises } from "./push-promises.ts";
import { simulatePushHistory } from "./simulate-push-history.ts";

/** How many histories are simulated; `npm run simulate -- --provider push` simulates others. */
const histories = 60;

test("every promise holds in histories of pushes between and during syncs", async () => {
  for (let seed = 1; seed <= histories; seed++) {
    const { broken } = await simulatePushHistory(seed);
    expect(broken, `replay with: npm run simulate -- --provider push --seed ${seed}`).toEqual([]);
  }
});

test("a seed always gives the same history of pushes", async () => {
  for (const seed of [3, 33]) {
    expect((await simulatePushHistory(seed)).digest).toBe((await simulatePushHistory(seed)).digest);
  }
});

test("docs/simulation.md explains every promise of pushes", async () => {
  const page = await readFile(`${import.meta.dirname}/../../../docs/simulation.md`, "utf8");
  for (const promise of Object.values(pushPromises)) expect(page).toContain(`| ${promise} |`);
});
