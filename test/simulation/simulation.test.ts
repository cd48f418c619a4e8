import "./in-turn-zlib.ts";
import { describe, expect, test } from "vitest";
import { live, type Outcome } from "./history.ts";

/**
 * Lives many histories through, in simulated time. Whatever happens in one:
 *
 * 1. nobody who opted out or bounced after the consent that the database knows is subscribed by us, but for who opts
 *    out in the one window that no call of the API closes: between our last look at the address and the write;
 * 2. no run unsubscribes more than its limit, unless a person has approved of its plan;
 * 3. an unsubscription in the database reaches the provider with the first undisturbed run;
 * 4. that run brings the list to what is wanted, and the next one sends nothing;
 * 5. what the reports say was done is what the provider saw done;
 * 6. no address and no key is told in a log line, an error or a report;
 * 7. nobody is subscribed or unsubscribed whom the database did not want so, no opt-out is made up, and no run ends with
 *    an error without a name, or never.
 */
const blocks = 10;
const historiesInBlock = 100;
const outcomes: Outcome[] = [];

describe("every rule holds", () => {
  test.each(Array.from({ length: blocks }, (_, block) => 1 + block * historiesInBlock))(
    "in the hundred histories from seed %i on",
    async (first) => {
      for (let seed = first; seed < first + historiesInBlock; seed++) {
        const outcome = await live(seed);
        outcomes.push(outcome);
        expect(outcome.broken, `replay it with: npm run simulate -- --seed ${seed}`).toEqual([]);
      }
    },
  );
});

test("histories end in every way", () => {
  const endings = new Set(outcomes.flatMap(({ endings }) => endings));
  expect([...endings].sort()).toEqual([
    "CredentialError",
    "ListBusyError",
    "OutOfTimeError",
    "ProviderUnavailableError",
    "S3Failure",
    "SourceError",
    "UnsafePlanError",
    "done",
    "killed",
  ]);
});

test("a seed gives the same history each time", async () => {
  for (const seed of [3, 33, 333]) expect((await live(seed)).digest).toBe((await live(seed)).digest);
});
