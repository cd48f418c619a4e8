import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { Change } from "../../domain/plan.ts";
import { recordEnd } from "../../domain/records/packed-record.ts";
import { unpackCurrent } from "../../domain/records/unpack-subscriber.ts";
import type { CurrentSubscriber } from "../../domain/subscriber.ts";
import type { WriteOptions } from "../provider.ts";
import type { ListReader } from "./pages/list-reader.ts";

/** Up to so many addresses are looked for one by one; beyond them all that are unsubscribed are read, which is faster. */
const mostSearched = 20;

/** The rows of the addresses in question, by their canonical form. */
type Rows = Map<string, CurrentSubscriber[]>;

/**
 * Looks again at addresses that are to be resubscribed, just before they are: the API has no condition to send with a
 * row, so that nothing else keeps one from being subscribed that was opted out a moment ago.
 *
 * @returns those whose address still is what the plan saw, and was not unsubscribed meanwhile in another spelling;
 *   one that is not found is not
 */
export async function lookAgain(
  reader: ListReader,
  resubscriptions: readonly Change[],
  options: WriteOptions,
): Promise<ReadonlySet<Change>> {
  const rows: Rows = new Map(resubscriptions.map(({ email }) => [canonicalEmail(email), []]));
  const rowsOf = ({ email }: Change) => rows.get(canonicalEmail(email))!;
  const isFound = (change: Change) => rowsOf(change).some(({ email }) => email === change.email);
  const isSearched = rows.size <= mostSearched && (await search(rows, reader, options));
  // A search that does not find everyone may read its parameters otherwise than is documented.
  if (!isSearched || !resubscriptions.every(isFound)) await readUnsubscribed(rows, reader, options);
  return new Set(resubscriptions.filter((change) => isAsSeen(change, rowsOf(change), options.since)));
}

/** @returns whether each search gave all that it found. Not by the exact spelling: others are to be found, too. */
async function search(rows: Rows, reader: ListReader, { signal }: WriteOptions): Promise<boolean> {
  const { concurrency } = reader;
  const found = await pMap(rows.keys(), (email) => reader.search(email, signal), { concurrency });
  for (const row of found.flatMap((rows) => rows ?? [])) take(row, rows);
  return !found.includes(undefined);
}

/** Who leaves the unsubscribed meanwhile shifts the pages: whom that hides is found by the next run. */
async function readUnsubscribed(rows: Rows, reader: ListReader, { signal }: WriteOptions): Promise<void> {
  const expected = await reader.countUnsubscribed(signal);
  const options = { columns: [], recentSince: Number.POSITIVE_INFINITY, expected, signal };
  for await (const { records } of reader.pages("unsubscribed", options)) {
    const { bytes, count } = records;
    for (let left = count, at = 0; left > 0; left--, at = recordEnd(bytes, at, 2)) {
      take(unpackCurrent(bytes, at, []), rows);
    }
  }
}

function take(row: CurrentSubscriber, rows: Rows): void {
  rows.get(canonicalEmail(row.email))?.push(row);
}

function isAsSeen({ email, saw }: Change, rows: readonly CurrentSubscriber[], since: number): boolean {
  // Of its own spelling the plan saw the time: where only days are told, it may be the end of this one.
  const left = rows.some((row) => row.email !== email && (row.unsubscribedAt ?? 0) >= since);
  const own = rows.find((row) => row.email === email);
  const seenAt = saw?.unsubscribedAt === undefined ? undefined : Date.parse(saw.unsubscribedAt);
  return !left && own !== undefined && own.cause === saw?.cause && own.unsubscribedAt === seenAt;
}
