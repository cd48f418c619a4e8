import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";

/** Rows of a list: `count` of them at most, from the one at `offset` on. */
export interface PageRange {
  readonly offset: number;
  readonly count: number;
}

export interface PageReading {
  /** How many pages are read ahead, and so held at the most. How many of them are requested at once is up to `readPage`. */
  readonly ahead: number;
  /** How many rows a full page has. */
  readonly pageRows: number;
  /** How many rows there may be. Up to there pages are read ahead. */
  readonly expected: number;
  readonly signal: AbortSignal;
  /** Resolves with undefined if the page is too large to be read: then fewer rows at a time are asked for. */
  readonly readPage: (range: PageRange, signal: AbortSignal) => Promise<SubscriberPage | undefined>;
}

/** In how many parts a page is asked for that was too large, as all pages after it. */
const parts = 4;

/**
 * Reads pages concurrently and yields them as they arrive. A list ends with the first page that is not full; pages
 * beyond it that were already asked for are yielded too. When the consumer stops, so do the requests.
 */
export async function* readPages(reading: PageReading): AsyncGenerator<SubscriberPage> {
  const { ahead, expected, readPage } = reading;
  const stopped = new AbortController();
  const signal = AbortSignal.any([reading.signal, stopped.signal]);
  const inFlight = new Map<number, Promise<{ range: PageRange; page: SubscriberPage | undefined }>>();
  const missing: PageRange[] = [];
  let pageRows = reading.pageRows;
  let next = 0;
  let isOver = false;
  const start = () => {
    const { offset, count } = missing.shift() ?? { offset: next, count: pageRows };
    const range = { offset, count: Math.min(count, pageRows) };
    const end = offset + range.count;
    if (range.count < count) missing.unshift({ offset: end, count: count - range.count });
    next = Math.max(next, end);
    const page = readPage(range, signal).then((page) => ({ range, page }));
    inFlight.set(range.offset, page);
  };
  const mayStart = () => {
    if (missing.length > 0) return inFlight.size < ahead;
    // The page at the expected end is included: if all pages are full, only an empty one shows the end. Beyond it
    // one page is read at a time, while they are full.
    const room = next <= expected ? ahead : 1;
    return !isOver && inFlight.size < room;
  };
  try {
    for (;;) {
      while (mayStart()) start();
      if (inFlight.size === 0) return;
      const { range, page } = await Promise.race(inFlight.values());
      inFlight.delete(range.offset);
      if (page === undefined) {
        pageRows = Math.min(pageRows, Math.ceil(range.count / parts));
        missing.push(range);
      } else {
        isOver ||= page.records.count + page.oddRows.length < range.count;
        yield page;
      }
    }
  } finally {
    stopped.abort();
  }
}
