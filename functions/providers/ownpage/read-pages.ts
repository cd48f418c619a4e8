import type { SubscriberPage } from "../../domain/subscriber-index.ts";

/** What whoever reads a page tells of it. */
export interface PageRequest {
  readonly signal: AbortSignal;
  /** To be called each time that the page is asked for. */
  readonly onSend: () => void;
  /** To be called when its body has come, before it is packed: another page is asked for meanwhile. */
  readonly onReceived: () => void;
}

export interface PageReading {
  /** How many requests are under way at the same time; as many pages more may have come and wait to be taken. */
  readonly concurrency: number;
  /** How many rows a full page has. */
  readonly pageRows: number;
  /** How many rows there may be: up to there pages are asked for ahead. */
  readonly expected: number;
  readonly signal: AbortSignal;
  /** Called when all that is expected was asked for, and another request may be made. */
  readonly onAllAsked?: (() => void) | undefined;
  readonly readPage: (offset: number, request: PageRequest) => Promise<SubscriberPage>;
}

/**
 * Reads pages at the same time and yields them as they come. Nothing tells beforehand where a list ends: the
 * first page that is not full does, and those already asked for beyond it are yielded too. A consumer that
 * stops stops the requests.
 */
export async function* readPages(reading: PageReading): AsyncGenerator<SubscriberPage> {
  const { concurrency, pageRows, expected, onAllAsked, readPage } = reading;
  const stopped = new AbortController();
  const signal = AbortSignal.any([reading.signal, stopped.signal]);
  /** By their offsets: the pages that were not taken yet, and which of them have still to come. */
  const pages = new Map<number, Promise<{ offset: number; page: SubscriberPage }>>();
  const underWay = new Set<number>();
  let next = 0;
  let isOver = false;

  function ask(offset: number): void {
    const onSend = () => underWay.add(offset);
    const onReceived = () => {
      if (underWay.delete(offset)) askAhead();
    };
    onSend();
    const page = readPage(offset, { signal, onSend, onReceived }).then((page) => ({ offset, page }));
    // It may fail while another one is being worked on, and is waited for after that.
    page.catch(() => undefined);
    pages.set(offset, page);
  }

  function askAhead(): void {
    // At the expected end, too, which a list of full pages only shows by an empty one. Beyond it one at a time, for
    // as long as pages come full.
    const mayAsk = () =>
      next <= expected ? underWay.size < concurrency && pages.size < 2 * concurrency : pages.size === 0;
    for (; !isOver && mayAsk(); next += pageRows) ask(next);
    if (next > expected && underWay.size < concurrency) onAllAsked?.();
  }

  try {
    for (;;) {
      askAhead();
      if (pages.size === 0) return;
      const { offset, page } = await Promise.race(pages.values());
      underWay.delete(offset);
      pages.delete(offset);
      isOver ||= page.records.count < pageRows;
      yield page;
    }
  } finally {
    isOver = true;
    stopped.abort();
  }
}
