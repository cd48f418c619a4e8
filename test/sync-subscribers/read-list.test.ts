import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { IncompleteReadError } from "../../functions/domain/errors.ts";
import { readWholeList } from "../../functions/sync-subscribers/read-list.ts";
import { InMemoryProvider } from "../support/in-memory-provider.ts";

const held = () => ({ subscribed: true, fields: {} });

function listOf(size: number): InMemoryProvider {
  return new InMemoryProvider(
    Array.from({ length: size }, (_, number) => [`${number}@x.fr`, held()] as const),
  );
}

async function read(provider: InMemoryProvider) {
  const { result: index, notes } = await readWholeList(provider, {
    columns: [],
    recentSince: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    conclude: (index) => index,
    progress: () => undefined,
  });
  return { index, notes };
}

/** Does something before the n-th request of a kind. */
function onCall(provider: InMemoryProvider, call: "count" | "page", n: number, action: () => void): void {
  let calls = 0;
  const then = provider.before;
  provider.before = (made) => {
    then(made);
    if (made === call && ++calls === n) action();
  };
}

describe("readWholeList", () => {
  test("takes a list whose counts and rows add up", async () => {
    const provider = listOf(10);
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(10);
    expect(notes).toEqual([]);
    expect(provider.requests.sent).toBe(2 + 5);
  });

  test("an empty list is whole", async () => {
    expect((await read(listOf(0))).index.rows).toBe(0);
  });

  test("a reader who unsubscribes meanwhile does not matter: the pages do not shift", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => {
      provider.subscribers.get("0@x.fr")!.subscribed = false;
    });
    expect((await read(provider)).index.rows).toBe(10);
  });

  test("a reader who subscribes meanwhile is welcome, if no row came twice", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => provider.subscribers.set("new@x.fr", held()));
    expect((await read(provider)).index.rows).toBe(11);
  });

  test("something is made of the list while the provider counts once more, anew for each read", async () => {
    const provider = listOf(10);
    const happened: string[] = [];
    onCall(provider, "page", 2, () => provider.subscribers.delete("0@x.fr"));
    const count = provider.countSubscribers.bind(provider);
    provider.countSubscribers = async (signal) => {
      const counts = await count(signal);
      // As a request is sent: when what is going on has given way.
      process.nextTick(() => happened.push("asked"));
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      happened.push("answered");
      return counts;
    };
    const { result } = await readWholeList(provider, {
      columns: [],
      recentSince: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
      conclude: (index) => {
        happened.push("concluded");
        return index.rows;
      },
      progress: () => undefined,
    });
    const [counted, concluded] = [
      ["asked", "answered"],
      ["asked", "concluded", "answered"],
    ];
    expect(happened).toEqual([counted, concluded, counted, concluded].flat());
    expect(result).toBe(9);
  });

  test("a list that shifted under the pages is read again", async () => {
    const provider = listOf(10);
    onCall(provider, "page", 2, () => provider.subscribers.delete("0@x.fr"));
    const { index } = await read(provider);
    expect(index.rows).toBe(9);
    expect(provider.requests.sent).toBeGreaterThan(8);
  });

  test("a page that repeats a row is a reason to read again", async () => {
    const provider = listOf(4);
    onCall(provider, "page", 2, () => {
      const rows = [["first@x.fr", held()] as const, ...provider.subscribers];
      provider.subscribers.clear();
      for (const [email, row] of rows) provider.subscribers.set(email, row);
    });
    expect((await read(provider)).index.rows).toBe(5);
  });

  test("a list that is never whole stops the run, with the numbers of every read", async () => {
    const provider = listOf(10);
    provider.countsMore = 3;
    const failure = await read(provider).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(IncompleteReadError);
    expect((failure as Error).message).toMatch(
      /read 3: 13 counted before, 10 different rows seen, 0 seen twice/,
    );
  });

  test("two reads alike, with more rows than are counted, are whole, and the report says so", async () => {
    const provider = listOf(10);
    provider.countsMore = -2;
    const { index, notes } = await read(provider);
    expect(index.rows).toBe(10);
    expect(notes).toEqual(["the provider counts 8 addresses and lists 10, twice alike"]);
  });

  test("two reads of equally many but different rows do not agree", async () => {
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
