import { expect, test } from "vitest";
import type { SubscriberPage } from "../../../../functions/domain/records/subscriber-page.ts";
import { readPages } from "../../../../functions/providers/ownpage/pages/read-pages.ts";
import { failureOf, signal } from "../connect.ts";

const page = (count: number): SubscriberPage => ({
  records: { bytes: new Uint8Array(), count },
  oddRows: [],
  showsGuid: false,
  showsData: false,
});

/** Reads ahead four pages of one row: the first arrives at once, the others end only when they are stopped. */
function reading(first: () => SubscriberPage) {
  const signals: AbortSignal[] = [];
  const pages = readPages({
    ahead: 4,
    pageRows: 1,
    expected: 10,
    signal,
    readPage: async ({ offset }, signal) => {
      signals.push(signal);
      if (offset === 0) return first();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  return { pages, stopped: () => signals.map(({ aborted }) => aborted) };
}

test("a consumer that stops reading stops the requests in flight", async () => {
  const { pages, stopped } = reading(() => page(1));
  for await (const { records } of pages) {
    expect(records.count).toBe(1);
    expect(stopped()).toEqual([false, false, false, false]);
    break;
  }
  expect(stopped()).toEqual([true, true, true, true]);
});

test("a page that fails stops the others", async () => {
  const mistake = new Error("broken");
  const { pages, stopped } = reading(() => {
    throw mistake;
  });
  expect(await failureOf(pages.next())).toBe(mistake);
  expect(stopped()).toEqual([true, true, true, true]);
});

test.each([
  ["at its end, where only an empty page tells that it is over", 4, [0, 2, 4]],
  ["not beyond a page that cannot be full", 5, [0, 2, 4]],
])("a list is read ahead to its expected end: %s", async (_, expected, offsets) => {
  const asked: number[] = [];
  const { promise: answer, resolve: answerAll } = Promise.withResolvers<void>();
  const pages = readPages({
    ahead: 8,
    pageRows: 2,
    expected,
    signal,
    readPage: async ({ offset }) => {
      asked.push(offset);
      await answer;
      return page(Math.max(0, Math.min(2, expected - offset)));
    },
  });
  const first = pages.next();
  expect(asked).toEqual(offsets);
  answerAll();
  let rows = (await first).value?.records.count ?? 0;
  for await (const { records } of pages) rows += records.count;
  expect([rows, asked]).toEqual([expected, offsets]);
});

test("a page that is too large is asked for in parts, and so are all after it", async () => {
  const rows = 100;
  const seen: number[] = [];
  const counts: number[] = [];
  const pages = readPages({
    ahead: 3,
    pageRows: 40,
    expected: rows,
    signal,
    readPage: async ({ offset, count }) => {
      counts.push(count);
      if (count > 7) return undefined;
      const there = Array.from({ length: Math.max(0, Math.min(count, rows - offset)) }, (_, n) => offset + n);
      seen.push(...there);
      return page(there.length);
    },
  });
  let read = 0;
  for await (const { records } of pages) read += records.count;
  expect(read).toBe(rows);
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, n) => n));
  // The three that were read ahead, three of their parts, and from then on only smaller ones.
  expect(counts.filter((count) => count === 40)).toHaveLength(3);
  expect(counts.slice(6).every((count) => count <= 3)).toBe(true);
});
