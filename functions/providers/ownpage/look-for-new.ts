import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { Change } from "../../domain/plan.ts";
import { recordEnd, textsOf } from "../../domain/records/packed-record.ts";
import { unpackCurrent } from "../../domain/records/unpack-subscriber.ts";
import type { CurrentSubscriber } from "../../domain/subscriber.ts";
import type { WriteOptions } from "../provider.ts";
import { maxSearches, spellingsOf } from "./look-again.ts";
import type { ListReader } from "./pages/list-reader.ts";

/** New addresses that the list has after all. */
export interface Found {
  /** In another spelling, or unsubscribed: sending them would make a second subscriber, or change nothing. */
  readonly stale: ReadonlySet<Change>;
  /** Subscribed, and spelled as they are to be sent. */
  readonly held: ReadonlySet<Change>;
}

/** Looks for addresses that the reading of the list did not show, just before they are sent as new ones. */
export async function lookForNew(
  reader: ListReader,
  subscriptions: readonly Change[],
  options: WriteOptions,
): Promise<Found> {
  const changes = new Map(subscriptions.map((change) => [canonicalEmail(change.email), change]));
  const isSearchable = changes.size <= maxSearches;
  const rows =
    (isSearchable ? await search([...changes.keys()], reader, options) : undefined) ??
    readAll(reader, options);
  const stale = new Set<Change>();
  const held = new Set<Change>();
  for await (const row of rows) {
    const change = changes.get(canonicalEmail(row.email));
    if (change === undefined) continue;
    (row.subscribed && row.email === change.email ? held : stale).add(change);
  }
  return { stale, held };
}

/** @returns undefined when a search gave more than a page holds */
async function search(
  emails: readonly string[],
  { concurrency, search }: ListReader,
  { signal }: WriteOptions,
): Promise<readonly CurrentSubscriber[] | undefined> {
  const found = await pMap(emails.flatMap(spellingsOf), (text) => search(text, signal), { concurrency });
  return found.includes(undefined) ? undefined : found.flatMap((rows) => rows ?? []);
}

async function* readAll(
  reader: ListReader,
  { held, signal }: WriteOptions,
): AsyncGenerator<CurrentSubscriber> {
  const options = { columns: [], subscribedSince: Number.POSITIVE_INFINITY, expected: held, signal };
  for await (const { records } of reader.pages("all", options)) {
    const { bytes, count } = records;
    for (let left = count, at = 0; left > 0; left--, at = recordEnd(bytes, at, textsOf([]))) {
      yield unpackCurrent(bytes, at, []);
    }
  }
}
