import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";

export interface PageReading {
  /** How many pages are read ahead, and held at the most: which of them are under way is `readPage`'s affair. */
  readonly ahead: number;
  /** How many rows a full page has. */
  readonly pageRows: number;
  /** How many rows there may be: up to there pages are asked for ahead. */
  readonly expected: number;
  readonly signal: AbortSignal;
  readonly readPage: (offset: number, signal: AbortSignal) => Promise<SubscriberPage>;
}

/**
 * Reads pages at the same time and yields them as they come. Nothing tells beforehand where a list ends: the
 * first page that is not full does, and those already asked for beyond it are yielded too. A consumer that
 * stops stops the requests.
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
    // At the expected end, too, which a list of full pages only shows by an empty one. Beyond it one at a time, for
    // as long as pages come full.
    const room = next <= expected ? ahead : 1;
    return !isOver && inFlight.size < room;
  };
  try {
    for (;;) {
      for (; mayStart(); next += pageRows) start(next);
      if (inFlight.size === 0) return;
      const { offset, page } = await Promise.race(inFlight.values());
      inFlight.delete(offset);
      isOver ||= page.records.count < pageRows;
      yield page;
    }
  } finally {
    stopped.abort();
  }
}
