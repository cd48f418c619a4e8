import "./synchronous-zlib.ts";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { accountPromises } from "./constant-contact/account-promises.ts";
import { simulateAccountHistory } from "./constant-contact/simulate-account-history.ts";
import { promises } from "./promises.ts";
import { type Outcome, simulateHistory } from "./simulate-history.ts";

/** Simulates many histories, in simulated time. `promises.ts` says what holds in each, whatever happens. */
const blocks = 5;
const historiesInBlock = 100;
/** Of an account at Constant Contact. */
const accountHistories = 40;

const simulated = new Map<number, Promise<Outcome>>();

/** Simulates a history once, whichever test asks first. */
function outcomeOf(seed: number): Promise<Outcome> {
  const outcome = simulated.get(seed) ?? simulateHistory(seed);
  simulated.set(seed, outcome);
  return outcome;
}

describe("every promise holds", () => {
  test.each(Array.from({ length: blocks }, (_, block) => 1 + block * historiesInBlock))(
    "in the hundred histories from seed %i",
    async (first) => {
      for (let seed = first; seed < first + historiesInBlock; seed++) {
        const { broken } = await outcomeOf(seed);
        expect(broken, `replay with: npm run simulate -- --seed ${seed}`).toEqual([]);
      }
    },
  );
});

test("every promise holds in the histories of an account that is primary", async () => {
  for (let seed = 1; seed <= accountHistories; seed++) {
    const { broken } = await simulateAccountHistory(seed);
    expect(broken, `replay with: npm run simulate -- --provider constant-contact --seed ${seed}`).toEqual([]);
  }
});

test("histories end in every way", async () => {
  const endings = new Set<string>();
  for (let seed = 1; seed <= 2 * historiesInBlock; seed++)
    for (const ending of (await outcomeOf(seed)).endings) endings.add(ending);
  expect([...endings].sort()).toEqual([
    "CredentialError",
    "ListBusyError",
    "OutOfTimeError",
    "ProviderUnavailableError",
    "S3Failure",
    "SinkError",
    "SourceError",
    "UnsafePlanError",
    "done",
    "killed",
  ]);
});

test("docs/simulation.md explains every promise", async () => {
  const page = await readFile(`${import.meta.dirname}/../../docs/simulation.md`, "utf8");
  const explained = (mark: string) =>
    [...page.replace(/\s+/g, " ").matchAll(new RegExp(`${mark} \\*\\*(.*?)\\.\\*\\*`, "g"))].map(
      ([, promise]) => promise,
    );
  expect(explained("\\d+\\.")).toEqual(Object.values(promises));
  expect(explained(" -")).toEqual(Object.values(accountPromises));
});

test("a seed always gives the same history", async () => {
  for (const seed of [3, 33, 333])
    expect((await simulateHistory(seed)).digest).toBe((await simulateHistory(seed)).digest);
  for (const seed of [3, 33])
    expect((await simulateAccountHistory(seed)).digest).toBe((await simulateAccountHistory(seed)).digest);
});
