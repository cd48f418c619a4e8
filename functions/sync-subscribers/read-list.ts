import { setImmediate as nextTurn } from "node:timers/promises";
import { CurrentMatcher } from "../domain/diff/current-matcher.ts";
import { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { IncompleteReadError, type ReadNumbers } from "../domain/errors.ts";
import type { ListCounts, Provider } from "../providers/provider.ts";

const maxReads = 3;

export interface ReadListOptions<Result> {
  readonly columns: readonly string[];
  /** Who subscribed at or after this time (ms since the epoch) came after the source was read. */
  readonly recentSince: number;
  readonly signal: AbortSignal;
  /** The count to begin with, when it was asked for already. */
  readonly counted?: Promise<ListCounts>;
  /** What is to be done with the index while pages come in, anew in each reading. */
  alongside?(index: SubscriberIndex, signal: AbortSignal): Promise<void>;
  /** Makes of the index what is wanted of it while the provider counts once more: in vain, if that shows a gap. */
  conclude(index: SubscriberIndex): Result;
  progress(done: number, total: number): void;
}

/** A list that was read whole, and what a person should know of how that was established. */
export interface WholeList<Result> {
  readonly result: Result;
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
export async function readWholeList<Result>(
  provider: Provider,
  options: ReadListOptions<Result>,
): Promise<WholeList<Result>> {
  const reads: ReadNumbers[] = [];
  let digestBefore: string | undefined;
  while (reads.length < maxReads) {
    const { digest, numbers, result } = await readOnce(provider, options, reads.length === 0);
    if (addsUp(numbers)) return { result, notes: [] };
    const { rows, countedBefore, countedAfter } = numbers;
    if (digest === digestBefore && rows >= Math.max(countedBefore, countedAfter)) {
      return {
        result,
        notes: [`the provider counts ${countedAfter} addresses and lists ${rows}, twice alike`],
      };
    }
    digestBefore = digest;
    reads.push(numbers);
  }
  throw new IncompleteReadError(reads);
}

async function readOnce<Result>(provider: Provider, options: ReadListOptions<Result>, isFirst: boolean) {
  const { columns, counted, alongside, conclude } = options;
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
  const { digest, rows, repeated } = index;
  const { recounted } = await pages;
  const result = conclude(index);
  const numbers: ReadNumbers = {
    countedBefore: sum(before),
    rows,
    repeated,
    countedAfter: sum(await recounted),
  };
  return { digest, numbers, result };
}

/** @returns the provider's count afterwards, which is on its way */
async function readPages(
  provider: Provider,
  { columns, recentSince, signal, progress }: ReadListOptions<unknown>,
  { index, expected }: { index: SubscriberIndex; expected: number },
): Promise<{ recounted: Promise<ListCounts> }> {
  const matcher = new CurrentMatcher(index);
  let seen = 0;
  for await (const page of provider.readPages({ columns, recentSince, signal, expected })) {
    matcher.match(page);
    seen += page.records.count;
    progress(seen, Math.max(seen, expected));
  }
  const recounted = provider.countSubscribers(signal);
  // Awaited later: what fails of the source is reported first.
  recounted.catch(() => undefined);
  // The request is sent before something else takes the thread.
  await nextTurn();
  return { recounted };
}

function sum({ subscribed, unsubscribed }: ListCounts): number {
  return subscribed + unsubscribed;
}

function addsUp({ countedBefore, rows, repeated, countedAfter }: ReadNumbers): boolean {
  return repeated === 0 && countedBefore <= rows && rows <= countedAfter;
}
