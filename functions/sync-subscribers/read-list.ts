import { IncompleteReadError, type ReadNumbers } from "../domain/errors.ts";
import { PageMatcher } from "../domain/page-matcher.ts";
import { SubscriberIndex } from "../domain/subscriber-index.ts";
import type { ListCounts, Provider } from "../providers/provider.ts";

const maxReads = 3;

export interface ReadListOptions {
  readonly columns: readonly string[];
  /** Who subscribed at or after this time (ms since the epoch) came after the source was read. */
  readonly recentSince: number;
  readonly signal: AbortSignal;
  /** The count to begin with, when it was asked for already. */
  readonly counted?: Promise<ListCounts>;
  /** What is to be done with the index while pages come in, anew in each reading. */
  alongside?(index: SubscriberIndex, signal: AbortSignal): Promise<void>;
  progress(done: number, total: number): void;
}

/** A list that was read whole, and what a person should know of how that was established. */
export interface WholeList {
  readonly index: SubscriberIndex;
  readonly notes: readonly string[];
}

/**
 * Reads a provider's list and proves that the whole was read: no row came twice, and there are at least as
 * many as were counted before and at most as many as were counted after. Else it is read again; two reads
 * that agree row for row, with no fewer rows than were counted, are whole too, for then the provider counts
 * otherwise than it lists.
 *
 * @throws IncompleteReadError with the numbers of every read
 */
export async function readWholeList(provider: Provider, options: ReadListOptions): Promise<WholeList> {
  const reads: ReadNumbers[] = [];
  let digestBefore: string | undefined;
  while (reads.length < maxReads) {
    const { index, numbers } = await readOnce(provider, options, reads.length === 0);
    if (addsUp(numbers)) return { index, notes: [] };
    const { rows, countedBefore, countedAfter } = numbers;
    if (index.digest === digestBefore && rows >= Math.max(countedBefore, countedAfter)) {
      return {
        index,
        notes: [`the provider counts ${countedAfter} addresses and lists ${rows}, twice alike`],
      };
    }
    digestBefore = index.digest;
    reads.push(numbers);
  }
  throw new IncompleteReadError(reads);
}

async function readOnce(provider: Provider, options: ReadListOptions, isFirst: boolean) {
  const { columns, counted, alongside } = options;
  const before = await ((isFirst && counted) || provider.countSubscribers(options.signal));
  const index = new SubscriberIndex(columns, sum(before));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const pages = readPages(provider, { ...options, signal }, { index, expected: sum(before) });
  try {
    await Promise.all([pages, alongside?.(index, signal)]);
  } catch (error) {
    // The other one ends, and what it fails of then is this.
    stop.abort(error);
    throw error;
  }
  const numbers: ReadNumbers = {
    countedBefore: sum(before),
    rows: index.rows,
    repeated: index.repeated,
    countedAfter: await pages,
  };
  return { index, numbers };
}

/** @returns how many addresses the provider counts afterwards */
async function readPages(
  provider: Provider,
  { columns, recentSince, signal, progress }: ReadListOptions,
  { index, expected }: { index: SubscriberIndex; expected: number },
): Promise<number> {
  const matcher = new PageMatcher(index);
  let seen = 0;
  let counted: Promise<ListCounts> | undefined;
  const onAllAsked = () => {
    counted ??= provider.countSubscribers(signal);
    // Awaited later: a page that can not be read is reported first.
    counted.catch(() => undefined);
  };
  for await (const page of provider.readPages({ columns, recentSince, signal, expected, onAllAsked })) {
    matcher.match(page);
    seen += page.records.count;
    progress(seen, Math.max(seen, expected));
  }
  const count = counted && sum(await counted);
  // Who subscribed after that count may stand in the last pages: then only one that follows them tells.
  if (count !== undefined && index.rows <= count) return count;
  return sum(await provider.countSubscribers(signal));
}

function sum({ subscribed, unsubscribed }: ListCounts): number {
  return subscribed + unsubscribed;
}

function addsUp({ countedBefore, rows, repeated, countedAfter }: ReadNumbers): boolean {
  return repeated === 0 && countedBefore <= rows && rows <= countedAfter;
}
