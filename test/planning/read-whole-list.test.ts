import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { IncompleteReadError, ProviderContractError } from "../../functions/domain/provider-errors.ts";
import { readWholeList } from "../../functions/planning/read-whole-list.ts";
import { InMemoryProvider } from "../support/in-memory-provider.ts";
import { delayFirstPage, joinInFront } from "../support/moving-list.ts";

const held = () => ({ subscribed: true, fields: {} });

function listOf(size: number): InMemoryProvider {
  return new InMemoryProvider(
    Array.from({ length: size }, (_, number) => [`${number}@x.fr`, held()] as const),
  );
}

async function read(provider: InMemoryProvider) {
  const { result: index, notes } = await readWholeList(provider, {
    columns: [],
    subscribedSince: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    now: () => new Date(provider.now),
    whileRecounting: (index) => index,
    progress: () => undefined,
  });
  return { index, notes };
}

/** Acts before the n-th call of a kind. */
function onCall(provider: InMemoryProvider, call: "count" | "page", n: number, action: () => void): void {
  let calls = 0;
  const previous = provider.before;
  provider.before = (made) => {
    previous(made);
    if (made === call && ++calls === n) action();
  };
}

describe("readWholeList", () => {
  test("accepts a list whose counts and rows add up", async () => {
    const provider = listOf(10);
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(10);
    expect(notes).toEqual([]);
    expect(provider.requests.sent).toBe(2 + 5);
  });

  test("accepts an empty list", async () => {
    expect((await read(listOf(0))).index.rows).toBe(0);
  });

  test("accepts a reader who unsubscribes meanwhile, since the pages do not shift", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => {
      provider.subscribers.get("0@x.fr")!.subscribed = false;
    });
    expect((await read(provider)).index.rows).toBe(10);
  });

  test("accepts a reader who subscribes meanwhile, if no row came twice", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => provider.subscribers.set("new@x.fr", held()));
    expect((await read(provider)).index.rows).toBe(11);
  });

  test("computes its result while the provider recounts, once for each read", async () => {
    const provider = listOf(10);
    const happened: string[] = [];
    onCall(provider, "page", 2, () => provider.subscribers.delete("0@x.fr"));
    const countSubscribers = provider.countSubscribers.bind(provider);
    provider.countSubscribers = async (signal) => {
      const counts = await countSubscribers(signal);
      // A request leaves only when the code that is running has yielded.
      process.nextTick(() => happened.push("asked"));
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      happened.push("answered");
      return counts;
    };
    const { result } = await readWholeList(provider, {
      columns: [],
      subscribedSince: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
      now: () => new Date(provider.now),
      whileRecounting: (index) => {
        happened.push("computed");
        return index.rows;
      },
      progress: () => undefined,
    });
    const count = ["asked", "answered"];
    const recount = ["asked", "computed", "answered"];
    expect(happened).toEqual([count, recount, count, recount].flat());
    expect(result).toBe(9);
  });

  test("reads again when rows shift between pages", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => provider.subscribers.delete("0@x.fr"));
    const { index } = await read(provider);
    expect(index.rows).toBe(9);
    expect(provider.requests.sent).toBeGreaterThan(8);
  });

  test("reads again when a page repeats a row", async () => {
    const provider = listOf(4);
    onCall(provider, "page", 2, () => {
      const rows = [["first@x.fr", held()] as const, ...provider.subscribers];
      provider.subscribers.clear();
      for (const [email, row] of rows) provider.subscribers.set(email, row);
    });
    expect((await read(provider)).index.rows).toBe(5);
  });

  test("reads again when a reader who joins may have moved a row into a page that was read before", async () => {
    const provider = listOf(10);
    delayFirstPage(provider, 1, () => joinInFront(provider, "new@x.fr"));
    const { index, notes } = await read(provider);
    expect([...index.entriesOf("2@x.fr")]).toHaveLength(1);
    expect(index.rows).toBe(11);
    expect(notes).toEqual([]);
  });

  test("uses a list in which that may be so each time, and notes it", async () => {
    const provider = listOf(10);
    delayFirstPage(provider, 3, (reading) => joinInFront(provider, `new${reading}@x.fr`));
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(12);
    expect(notes).toEqual([
      "readers joined while the list was read, so up to 1 of its 13 addresses may not have been seen",
    ]);
  });

  test("accepts readers who join while they move nobody, even if one of them is not seen", async () => {
    const provider = listOf(10);
    const subscribedAt = provider.now + 1;
    onCall(provider, "page", 2, () => provider.subscribers.set("seen@x.fr", { ...held(), subscribedAt }));
    onCall(provider, "count", 2, () => provider.subscribers.set("unseen@x.fr", { ...held(), subscribedAt }));
    expect((await read(provider)).index.rows).toBe(11);
  });

  test("asks for exact times from the beginning of the reading on", async () => {
    const provider = listOf(10);
    const readPages = provider.readPages.bind(provider);
    const asked: number[] = [];
    provider.readPages = (options) => {
      asked.push(options.subscribedSince);
      return readPages(options);
    };
    await read(provider);
    expect(asked).toEqual([provider.now]);
  });

  test("does not take the end of today, where only days are told, for a time of the reading", async () => {
    const provider = listOf(10);
    const endOfDay = provider.now + 24 * 60 * 60 * 1000 - 1;
    provider.subscribers.set("today@x.fr", { ...held(), subscribedAt: endOfDay });
    onCall(provider, "count", 2, () => provider.subscribers.set("unseen@x.fr", held()));
    expect((await read(provider)).index.rows).toBe(11);
  });

  test("gives up on a list that never adds up, with the numbers of every read", async () => {
    const provider = listOf(10);
    provider.countsMore = 3;
    const failure = await read(provider).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(IncompleteReadError);
    expect((failure as Error).message).toMatch(
      /read 3: 13 counted before, 10 different rows seen, 0 seen twice/,
    );
  });

  test("accepts two identical reads with more rows than the count, and notes it", async () => {
    const provider = listOf(10);
    provider.countsMore = -2;
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(10);
    expect(notes).toEqual(["the provider counts 8 addresses but lists 10, the same ones in two reads"]);
  });

  test("holds rows without an address against the counts, too", async () => {
    const provider = listOf(10);
    provider.anonymousRows = 2;
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(10);
    expect(notes).toEqual([expect.stringContaining("nobody's as they stand, and are in the quarantine: 2")]);
    provider.countsMore = 1;
    await expect(read(provider)).rejects.toThrow(/13 counted before, 12 different rows seen/);
  });

  test("reads again when two reads have as many rows, but not as many of them odd", async () => {
    const provider = listOf(10);
    provider.countsMore = -2;
    for (const page of [3, 8]) {
      onCall(provider, "page", page, () => {
        provider.subscribers.delete([...provider.subscribers.keys()].at(-1)!);
        provider.anonymousRows++;
      });
    }
    expect((await read(provider)).index.rows).toBe(8);
    expect(provider.requests.sent).toBe(3 * (2 + 5));
  });

  test.each([
    [90, 10],
    [20_000 - 20, 20],
  ])("beside %i good rows, %i are a few odd ones, and one more is too many", async (good, odd) => {
    const provider = listOf(good);
    provider.pageRows = 10_000;
    provider.anonymousRows = odd;
    expect((await read(provider)).index.rows).toBe(good);
    provider.anonymousRows = odd + 1;
    const failure = await read(provider).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(ProviderContractError);
    expect((failure as Error).message).toContain(
      `${odd + 1} of its rows are nobody's as they stand, and at most ${odd} may be (no address: ${odd + 1}; the first is page `,
    );
  });

  test("reads again when two reads have as many rows, but not the same ones", async () => {
    const provider = listOf(10);
    provider.countsMore = -2;
    for (const page of [3, 8]) {
      onCall(provider, "page", page, () => {
        provider.subscribers.delete([...provider.subscribers.keys()][9]!);
        provider.subscribers.set(`new${page}@x.fr`, held());
      });
    }
    expect((await read(provider)).index.rows).toBe(10);
    expect(provider.requests.sent).toBe(3 * (2 + 5));
  });
});
