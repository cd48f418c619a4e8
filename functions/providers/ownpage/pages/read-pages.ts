import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";

export interface PageReading {
  /** How many pages are read ahead, and so held at the most. How many of them are requested at once is up to `readPage`. */
  readonly ahead: number;
  /** How many rows a full page has. */
  readonly pageRows: number;
  /** How many rows there may be. Up to there pages are read ahead. */
  readonly expected: number;
  readonly signal: AbortSignal;
  readonly readPage: (offset: number, signal: AbortSignal) => Promise<SubscriberPage>;
}

/**
 * Reads pages concurrently and yields them as they arrive. A list ends with the first page that is not full; pages
 * beyond it that were already asked for are yielded too. When the consumer stops, so do the requests.
 */
export async function* readPages(reading: PageReading): AsyncGenerator<SubscriberPage> {
  const { ahead, pageRows, expected, readPage } = reading;
  const stopped = new AbortController();
  const signal = AbortSignal.any([reading.signal, stopped.signal]);
  const inFlight = new Map<number, Promise<{ offset: number; page: SubscriberPage }>>();
  let next = 0;
  let isOver = false;
  const start = (offset: number) => {
    const page = readPage(offset, signal).then((page) => ({ offset, page }));
    inFlight.set(offset, page);
  };
  const mayStart = () => {
    // The page at the expected end is included: if all pages are full, only an empty one shows the end. Beyond it
    // one page is read at a time, while they are full.
    const room = next <= expected ? ahead : 1;
    return !isOver && inFlight.size < room;
  };
  try {
    for (;;) {
      for (; mayStart(); next += pageRows) start(next);
      if (inFlight.size === 0) return;
      const { offset, page } = await Promise.race(inFlight.values());
      inFlight.delete(offset);
      isOver ||= page.records.count + page.oddRows.length < pageRows;
      yield page;
    }
  } finally {
    stopped.abort();
  }
}
