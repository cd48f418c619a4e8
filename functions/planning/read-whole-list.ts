import { setImmediate as nextTurn } from "node:timers/promises";
import { CurrentMatcher } from "../domain/diff/current-matcher.ts";
import { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { type OddRow, OddRows } from "../domain/odd-rows.ts";
import { IncompleteReadError, type ReadNumbers } from "../domain/provider-errors.ts";
import type { ListCounts, ReadableList } from "../providers/provider.ts";

const maxReads = 3;
/** No reading takes as long. A later time of subscription is the end of a day, of which the provider tells no more. */
const longestReadMs = 60 * 60 * 1000;

/** A count of the list that was requested in advance. */
interface FirstCount {
  /** When, in ms since the epoch. */
  readonly askedAt: number;
  readonly counts: Promise<ListCounts>;
}

export interface ReadListOptions<Result> {
  readonly columns: readonly string[];
  /** See {@link ReadOptions.subscribedSince}. */
  readonly subscribedSince: number;
  readonly signal: AbortSignal;
  now(): Date;
  /** The count that precedes the first read, if it was requested in advance. */
  readonly firstCount?: FirstCount;
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
 * Whoever joined meanwhile stands for nobody who was counted before: they may have moved a row out of a page that was
 * still to be read into one that had been. A list in which that may be so each time is used, with a note.
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
    const { rows, countedBefore, countedAfter } = numbers;
    const hidden = mostHidden(numbers);
    const isLast = reads.length === maxReads - 1;
    if (addsUp(numbers) && (hidden === 0 || isLast)) {
      const notes = hidden === 0 ? [] : [hiddenNote(hidden, countedAfter)];
      return { result, oddRows: odd.rows, notes: [...notes, ...odd.notes()] };
    }
    if (digest === previousDigest && rows >= Math.max(countedBefore, countedAfter)) {
      const note = `the provider counts ${countedAfter} addresses but lists ${rows}, the same ones in two reads`;
      return { result, oddRows: odd.rows, notes: [note, ...odd.notes()] };
    }
    previousDigest = digest;
    reads.push(numbers);
  }
  throw new IncompleteReadError(reads);
}

interface Numbers extends ReadNumbers {
  /** How many of the rows are known to have subscribed since the count before. */
  readonly joined: number;
}

async function readOnce<Result>(provider: ReadableList, options: ReadListOptions<Result>, isFirst: boolean) {
  const { columns, whileReading, whileRecounting } = options;
  const { askedAt, counts } = (isFirst && options.firstCount) || countNow(provider, options);
  const before = await counts;
  const index = new SubscriberIndex(columns, sum(before));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const odd = new OddRows(sum(before));
  const reading = { index, odd, expected: sum(before), askedAt };
  const pages = readPages(provider, { ...options, signal }, reading);
  try {
    await Promise.all([pages, whileReading?.(index, signal)]);
  } catch (error) {
    // Stops the other one, which then fails with the same error.
    stop.abort(error);
    throw error;
  }
  const { repeated, joined } = index;
  const rows = index.rows + odd.count;
  const digest = `${index.digest}:${odd.count}`;
  const { recount } = await pages;
  const result = whileRecounting(index);
  const numbers: Numbers = {
    countedBefore: sum(before),
    rows,
    repeated,
    joined,
    countedAfter: sum(await recount),
  };
  return { digest, numbers, result, odd };
}

function countNow(provider: ReadableList, { now, signal }: ReadListOptions<unknown>): FirstCount {
  const askedAt = now().getTime();
  return { askedAt, counts: provider.countSubscribers(signal) };
}

interface Reading {
  readonly index: SubscriberIndex;
  readonly odd: OddRows;
  readonly expected: number;
  /** When the count was asked for that precedes it. */
  readonly askedAt: number;
}

/** @returns the recount, already requested */
async function readPages(
  provider: ReadableList,
  { columns, signal, progress, ...options }: ReadListOptions<unknown>,
  { index, odd, expected, askedAt }: Reading,
): Promise<{ recount: Promise<ListCounts> }> {
  const hasJoined = (time: number) => time >= askedAt && time < askedAt + longestReadMs;
  const matcher = new CurrentMatcher(index, hasJoined);
  const subscribedSince = Math.min(options.subscribedSince, askedAt);
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

function hiddenNote(hidden: number, rows: number): string {
  return `readers joined while the list was read, so up to ${hidden} of its ${rows} addresses may not have been seen`;
}

/**
 * How many rows that were counted before the reading may have been passed over, as far as the numbers tell: no more than
 * seem to be missing when who joined is left out, though some of those only came back; and than were counted but not seen.
 */
function mostHidden({ countedBefore, rows, joined, countedAfter }: Numbers): number {
  return Math.max(0, Math.min(countedBefore - (rows - joined), countedAfter - rows));
}
