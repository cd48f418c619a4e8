import { IncompleteReadError, type ReadNumbers } from "../domain/errors.ts";
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
  const { columns, recentSince, signal, counted } = options;
  const before = await ((isFirst && counted) || provider.countSubscribers(signal));
  const countedBefore = before.subscribed + before.unsubscribed;
  const index = new SubscriberIndex(columns, countedBefore);
  let seen = 0;
  for await (const page of provider.readPages({
    columns,
    recentSince,
    signal,
    expected: countedBefore,
  })) {
    index.addCurrent(page);
    seen += page.records.count;
    options.progress(seen, Math.max(seen, countedBefore));
  }
  const after = await provider.countSubscribers(signal);
  const countedAfter = after.subscribed + after.unsubscribed;
  const numbers: ReadNumbers = {
    countedBefore,
    rows: index.rows,
    repeated: index.repeated,
    countedAfter,
  };
  return { index, numbers };
}

function addsUp({ countedBefore, rows, repeated, countedAfter }: ReadNumbers): boolean {
  return repeated === 0 && countedBefore <= rows && rows <= countedAfter;
}
