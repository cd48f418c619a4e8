import { setImmediate as nextTurn } from "node:timers/promises";
import { CurrentMatcher } from "../domain/diff/current-matcher.ts";
import { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { type OddRow, OddRows } from "../domain/odd-rows.ts";
import { IncompleteReadError, type ReadNumbers } from "../domain/provider-errors.ts";
import type { ListCounts, ReadableList } from "../providers/provider.ts";

const maxReads = 3;

export interface ReadListOptions<Result> {
  readonly columns: readonly string[];
  /** See {@link ReadOptions.subscribedSince}. */
  readonly subscribedSince: number;
  readonly signal: AbortSignal;
  /** The count that precedes the first read, if it was requested in advance. */
  readonly firstCount?: Promise<ListCounts>;
  /** Runs beside the pages, once per read, with that read's own index. */
  whileReading?(index: SubscriberIndex, signal: AbortSignal): Promise<void>;
  /** Called with the complete index while the provider recounts; discarded if the recount shows a gap. */
  whileRecounting(index: SubscriberIndex): Result;
  progress(done: number, total: number): void;
}

/** What was made of a list that was read whole, and what a person should know of the reading. */
export interface WholeList<Result> {
  readonly result: Result;
  /** Rows that are nobody's as they stand. */
  readonly oddRows: readonly OddRow[];
  readonly notes: readonly string[];
}

/**
 * Reads a provider's list and proves that nothing is missing: no row came twice, and there are at least as many rows
 * as the provider counted before and at most as many as it counted after. Otherwise it reads again. Two identical
 * reads with no fewer rows than either count also prove it: the provider then counts differently from how it lists.
 * Odd rows are rows of the list, too.
 *
 * @throws IncompleteReadError with the numbers of every read, ProviderContractError when more than a few rows are odd
 */
export async function readWholeList<Result>(
  provider: ReadableList,
  options: ReadListOptions<Result>,
): Promise<WholeList<Result>> {
  const reads: ReadNumbers[] = [];
  let previousDigest: string | undefined;
  while (reads.length < maxReads) {
    const { digest, numbers, result, odd } = await readOnce(provider, options, reads.length === 0);
    if (addsUp(numbers)) return { result, oddRows: odd.rows, notes: odd.notes() };
    const { rows, countedBefore, countedAfter } = numbers;
    if (digest === previousDigest && rows >= Math.max(countedBefore, countedAfter)) {
      const note = `the provider counts ${countedAfter} addresses but lists ${rows}, the same ones in two reads`;
      return { result, oddRows: odd.rows, notes: [note, ...odd.notes()] };
    }
    previousDigest = digest;
    reads.push(numbers);
  }
  throw new IncompleteReadError(reads);
}

async function readOnce<Result>(provider: ReadableList, options: ReadListOptions<Result>, isFirst: boolean) {
  const { columns, firstCount, whileReading, whileRecounting } = options;
  const before = await ((isFirst && firstCount) || provider.countSubscribers(options.signal));
  const index = new SubscriberIndex(columns, sum(before));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const odd = new OddRows(sum(before));
  const pages = readPages(provider, { ...options, signal }, { index, odd, expected: sum(before) });
  try {
    await Promise.all([pages, whileReading?.(index, signal)]);
  } catch (error) {
    // Stops the other one, which then fails with the same error.
    stop.abort(error);
    throw error;
  }
  const { repeated } = index;
  const rows = index.rows + odd.count;
  const digest = `${index.digest}:${odd.count}`;
  const { recount } = await pages;
  const result = whileRecounting(index);
  const numbers: ReadNumbers = {
    countedBefore: sum(before),
    rows,
    repeated,
    countedAfter: sum(await recount),
  };
  return { digest, numbers, result, odd };
}

/** @returns the recount, already requested */
async function readPages(
  provider: ReadableList,
  { columns, subscribedSince, signal, progress }: ReadListOptions<unknown>,
  { index, odd, expected }: { index: SubscriberIndex; odd: OddRows; expected: number },
): Promise<{ recount: Promise<ListCounts> }> {
  const matcher = new CurrentMatcher(index);
  let rowsRead = 0;
  for await (const page of provider.readPages({ columns, subscribedSince, signal, expected })) {
    matcher.match(page);
    odd.add(page.oddRows);
    rowsRead += page.records.count + page.oddRows.length;
    progress(rowsRead, Math.max(rowsRead, expected));
  }
  const recount = provider.countSubscribers(signal);
  // Awaited later, so that a failure of the source is reported first.
  recount.catch(() => undefined);
  // Lets the request leave before anything else occupies the thread.
  await nextTurn();
  return { recount };
}

function sum({ subscribed, unsubscribed }: ListCounts): number {
  return subscribed + unsubscribed;
}

function addsUp({ countedBefore, rows, repeated, countedAfter }: ReadNumbers): boolean {
  return repeated === 0 && countedBefore <= rows && rows <= countedAfter;
}
