import { expect, test } from "vitest";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import {
  type LookUpDependencies,
  lookUpReader,
  type ReaderAnswer,
} from "../../functions/look-up-reader/look-up-reader.ts";
import type { LookUpReport } from "../../functions/look-up-reader/report.ts";
import { createReaderHash } from "../../functions/platform/storage/history/reader-hash.ts";
import { bucketOver } from "../support/in-memory-bucket.ts";
import type { InMemoryProvider } from "../support/in-memory-provider.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const hash = createReaderHash("k".repeat(32));
const unsubscribed = {
  subscribed: false,
  cause: "READER",
  unsubscribedAt: Date.UTC(2026, 4, 1, 8, 0, 30),
  fields: {},
} as const;

/** A list with a reader who opted out, and one with another name and the same two sides. */
function world(): SyncWorld {
  const world = new SyncWorld([["anna@example.fr", unsubscribed]], [{ email: "anna@example.fr" }], {
    returns: { kind: "csv" },
  });
  world.columns = [];
  world.readHash = async () => hash;
  return world;
}

async function ask(
  { list, store, provider, openSource }: SyncWorld,
  { email = "anna@example.fr", signal = new AbortController().signal, onRead = (): void => undefined } = {},
): Promise<ReaderAnswer & { readonly notes: readonly string[] }> {
  const run = testRun<LookUpReport>({ at: Date.UTC(2026, 5, 2), signal });
  const dependencies: Partial<LookUpDependencies> = {
    lists: { daily: list, weekly: list },
    ...{ store, bucket: bucketOver(store), readHash: async () => hash },
    providerOf: () => {
      onRead();
      return provider;
    },
    openSource,
  };
  await lookUpReader({ email }, dependencies as LookUpDependencies, run);
  return { ...(run.answer as ReaderAnswer), notes: run.report.notes ?? [] };
}

test("the database was told of this departure, not of an earlier one", async () => {
  const sides = world();
  await sides.apply();
  const told = await ask(sides);
  expect(told.told["daily"]?.inWords).toBe(
    "unsubscribed by the reader, on 2026-05-01 08:00 UTC; the database was told on 2026-06-01 00:00 UTC",
  );
  const later = { ...unsubscribed, unsubscribedAt: Date.UTC(2026, 5, 1, 12) };
  const again = new SyncWorld([["anna@example.fr", later]], [{ email: "anna@example.fr" }], {
    returns: { kind: "csv" },
  });
  Object.assign(again, { store: sides.store, columns: [] });
  expect((await ask(again)).told["daily"]?.inWords).toBe(
    "unsubscribed by the reader, on 2026-06-01 12:00 UTC; the database has not been told yet",
  );
});

test("an address that no provider takes is said to be one, as it may be typed wrongly", async () => {
  for (const email of [
    "<anna@example.fr>",
    "mailto:anna@example.fr",
    "anna@example.fr,",
    "an\u200bna@example.fr",
  ]) {
    const { page, notes } = await ask(world(), { email });
    expect(notes).toEqual([expect.stringMatching(/^no provider takes this address as it was typed/)]);
    expect(page).toContain("No provider takes this address as it was typed");
  }
  expect((await ask(world())).notes).toEqual([]);
});

test("a row that was set aside is not the last change of a run", async () => {
  const sides = new SyncWorld(
    [["anna@example.fr", { subscribed: true, subscribedAt: 0, fields: {} }]],
    [{ email: "bob@example.fr" }],
  );
  Object.assign(sides, { columns: [], readHash: async () => hash });
  sides.rejected = [{ email: "anna@example.fr", reason: "it is damaged", unsubscribed: false }];
  await sides.apply();
  const { told } = await ask(sides);
  expect(told["daily"]?.history).toMatchObject([{ deed: "setAside" }]);
  expect(told["daily"]?.inWords).not.toContain("the last run that changed it");
});

test("a provider that is down is said, and what runs did is told", async () => {
  const sides = world();
  await sides.apply();
  const down = () => Promise.reject(new ProviderUnavailableError("GET /lists", 6, "503"));
  Object.assign(sides.provider as Partial<InMemoryProvider>, { countSubscribers: down });
  const { told, notes } = await ask(sides);
  expect(told["daily"]).toMatchObject({
    inWords: expect.stringMatching(/^the two sides could not be read: ProviderUnavailableError: /),
    history: [{ deed: "unsubscribed", outcome: "done" }],
  });
  expect(notes).toHaveLength(2);
});

test("when the time is over, what was looked at is told, and of each other list that it was not", async () => {
  const sides = world();
  await sides.apply();
  const time = new AbortController();
  const { told, page, notes } = await ask(sides, { signal: time.signal, onRead: () => time.abort() });
  expect(told["daily"]).toMatchObject({
    inWords: "the two sides could not be read: the function's time was over first",
    history: [{ deed: "unsubscribed" }],
  });
  expect(told["weekly"]?.inWords).toBe("not looked at, as the time was over: ask about this list alone");
  expect(page).toContain("weekly: not looked at");
  expect(notes).toHaveLength(2);
});
