import { describe, expect, test, vi } from "vitest";
import type { SubscriberPage } from "../../../functions/domain/subscriber-index.ts";
import { type PageRequest, readPages } from "../../../functions/providers/ownpage/read-pages.ts";
import { failureOf, signal } from "./connect.ts";

const page = (count: number): SubscriberPage => ({
  records: { bytes: new Uint8Array(), count },
  showsGuid: false,
  showsData: false,
});

/** Reads ahead four pages of one row; the first comes at once, the others only when they are stopped. */
function reading(first: () => SubscriberPage) {
  const signals: AbortSignal[] = [];
  const pages = readPages({
    concurrency: 4,
    pageRows: 1,
    expected: 10,
    signal,
    readPage: async (offset, { signal }) => {
      signals.push(signal);
      if (offset === 0) return first();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  return { pages, stopped: () => signals.map(({ aborted }) => aborted) };
}

test("whoever stops reading stops the requests that are under way", async () => {
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
  ["not beyond a page that can not be full", 5, [0, 2, 4]],
])("a list is read ahead to its expected end: %s", async (_, expected, offsets) => {
  const asked: number[] = [];
  const { promise: answer, resolve: answerAll } = Promise.withResolvers<void>();
  const pages = readPages({
    concurrency: 8,
    pageRows: 2,
    expected,
    signal,
    readPage: async (offset) => {
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

describe("a page whose body has come", () => {
  /** Two pages at a time, of one row, of three that are expected. */
  function readingByHand() {
    const requests = new Map<number, PageRequest & { answer(page: SubscriberPage): void }>();
    const allAsked = vi.fn();
    const pages = readPages({
      concurrency: 2,
      pageRows: 1,
      expected: 3,
      signal,
      onAllAsked: allAsked,
      readPage: (offset, request) => {
        const { promise, resolve } = Promise.withResolvers<SubscriberPage>();
        requests.set(offset, { ...request, answer: resolve });
        return promise;
      },
    });
    const first = pages.next();
    return { pages, first, requests, allAsked, asked: () => [...requests.keys()] };
  }

  test("lets another one be asked for before it is packed", async () => {
    const { first, requests, asked } = readingByHand();
    expect(asked()).toEqual([0, 1]);
    requests.get(1)!.onReceived();
    requests.get(1)!.onReceived();
    expect(asked()).toEqual([0, 1, 2]);
    requests.get(1)!.answer(page(1));
    expect((await first).done).toBe(false);
    expect(asked()).toEqual([0, 1, 2]);
  });

  test("is under way again when it is asked for again", () => {
    const { requests, asked } = readingByHand();
    requests.get(1)!.onReceived();
    requests.get(1)!.onSend();
    requests.get(0)!.onReceived();
    expect(asked()).toEqual([0, 1, 2]);
    requests.get(1)!.onReceived();
    expect(asked()).toEqual([0, 1, 2, 3]);
  });

  test("tells that all was asked for, as soon as another request may be made", () => {
    const { requests, allAsked } = readingByHand();
    for (const offset of [0, 1]) requests.get(offset)!.onReceived();
    expect(allAsked).not.toHaveBeenCalled();
    requests.get(3)!.onReceived();
    expect(allAsked).toHaveBeenCalled();
  });

  test("asks for nothing more once the reading has stopped", async () => {
    const { pages, first, requests, asked } = readingByHand();
    requests.get(0)!.answer(page(1));
    await first;
    await pages.return(undefined);
    requests.get(1)!.onReceived();
    expect(asked()).toEqual([0, 1]);
  });
});
