import { domainToUnicode } from "node:url";
import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { Change } from "../../domain/plan.ts";
import { recordEnd, textsOf } from "../../domain/records/packed-record.ts";
import { unpackCurrent } from "../../domain/records/unpack-subscriber.ts";
import type { CurrentSubscriber } from "../../domain/subscriber.ts";
import type { WriteOptions } from "../provider.ts";
import type { ListReader } from "./pages/list-reader.ts";

/** Up to this many addresses are searched for one by one. Beyond it, reading all rows in question is faster. */
export const maxSearches = 20;

/** The rows of the addresses in question, by their canonical form. */
type Rows = Map<string, CurrentSubscriber[]>;

/**
 * Looks again at addresses just before they are resubscribed. The API has no conditional write, so nothing else
 * keeps a reader from being subscribed who opted out a moment ago.
 *
 * @returns those whose address is still what the plan saw, and was neither unsubscribed meanwhile nor is found subscribed
 *   in another spelling; an address that is not found is not among them
 */
export async function lookAgain(
  reader: ListReader,
  resubscriptions: readonly Change[],
  options: WriteOptions,
): Promise<ReadonlySet<Change>> {
  const rows: Rows = new Map(resubscriptions.map(({ email }) => [canonicalEmail(email), []]));
  const rowsOf = ({ email }: Change) => rows.get(canonicalEmail(email))!;
  const isFound = (change: Change) => rowsOf(change).some(({ email }) => email === change.email);
  const isSearched = rows.size <= maxSearches && (await search(rows, reader, options));
  // If a search misses someone, the API may understand its parameters otherwise than documented.
  if (!isSearched || !resubscriptions.every(isFound)) await readUnsubscribed(rows, reader, options);
  return new Set(resubscriptions.filter((change) => isAsSeen(change, rowsOf(change), options.since)));
}

/** Not for the exact spelling, as other spellings matter too. @returns whether each search gave all that it found */
async function search(rows: Rows, reader: ListReader, { signal }: WriteOptions): Promise<boolean> {
  const { concurrency } = reader;
  const texts = [...rows.keys()].flatMap(spellingsOf);
  const found = await pMap(texts, (text) => reader.search(text, signal), { concurrency });
  for (const row of found.flatMap((rows) => rows ?? [])) take(row, rows);
  return !found.includes(undefined);
}

/** What to search for to find an address in all its spellings: a search ignores only the case. */
export function spellingsOf(canonical: string): string[] {
  const domain = canonical.lastIndexOf("@") + 1;
  const inUnicode = canonical.slice(0, domain) + domainToUnicode(canonical.slice(domain));
  return inUnicode === canonical || domain === 0 ? [canonical] : [canonical, inUnicode];
}

/** A row that leaves the unsubscribed meanwhile shifts the pages. Whoever that hides is found by the next run. */
async function readUnsubscribed(rows: Rows, reader: ListReader, { signal }: WriteOptions): Promise<void> {
  const expected = await reader.countUnsubscribed(signal);
  const options = { columns: [], subscribedSince: Number.POSITIVE_INFINITY, expected, signal };
  for await (const { records } of reader.pages("unsubscribed", options)) {
    const { bytes, count } = records;
    for (let left = count, at = 0; left > 0; left--, at = recordEnd(bytes, at, textsOf([]))) {
      take(unpackCurrent(bytes, at, []), rows);
    }
  }
}

function take(row: CurrentSubscriber, rows: Rows): void {
  rows.get(canonicalEmail(row.email))?.push(row);
}

function isAsSeen({ email, saw }: Change, rows: readonly CurrentSubscriber[], since: number): boolean {
  // Only of other spellings: the plan saw its own spelling's time, which may be the end of today where only days are told.
  const left = rows.some((row) => row.email !== email && (row.unsubscribedAt ?? 0) >= since);
  const isBack = rows.some((row) => row.email !== email && row.subscribed);
  // A row that was searched may have been read once more.
  const own = rows.findLast((row) => row.email === email);
  const seenAt = saw?.unsubscribedAt === undefined ? undefined : Date.parse(saw.unsubscribedAt);
  return !left && !isBack && own !== undefined && own.cause === saw?.cause && own.unsubscribedAt === seenAt;
}
