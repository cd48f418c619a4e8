import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { Change } from "../../domain/plan.ts";
import type { OwnpageClient } from "./client.ts";
import { subscriberOf } from "./page-rows.ts";
import type { SubscriberRow } from "./schema.ts";

export interface LookOptions {
  readonly client: OwnpageClient;
  /** The zone of times that have no offset. */
  readonly timeZone: string;
  readonly concurrency: number;
  readonly pageRows: number;
  /** When the run began that saw the addresses, in ms since the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
}

/** Up to so many addresses are looked for one by one; beyond them all that are unsubscribed are read. */
const mostSearched = 50;

/**
 * Looks again at addresses that are to be resubscribed, just before they are: the API has no condition to send with a
 * row, so that nothing else keeps one from being subscribed that was opted out a moment ago.
 *
 * @returns those whose address still is what the plan saw, and was not unsubscribed meanwhile in another spelling;
 *   one that is not found is not
 */
export async function lookAgain(
  resubscriptions: readonly Change[],
  options: LookOptions,
): Promise<ReadonlySet<Change>> {
  const found = new Map(resubscriptions.map(({ email }) => [canonicalEmail(email), [] as SubscriberRow[]]));
  const take = (row: SubscriberRow) => void found.get(canonicalEmail(row.email))?.push(row);
  if (found.size <= mostSearched) await search([...found.keys()], options, take);
  // A search that does not find everyone may read its parameters otherwise than is documented.
  const isFound = ({ email }: Change) => found.get(canonicalEmail(email))!.some((row) => row.email === email);
  if (!resubscriptions.every(isFound)) await readUnsubscribed(options, take);
  const isStill = (change: Change) => isAsSeen(change, found.get(canonicalEmail(change.email))!, options);
  return new Set(resubscriptions.filter(isStill));
}

/** Not for the exact spelling: other spellings are to be found, too. */
async function search(
  emails: readonly string[],
  { client, concurrency, signal }: LookOptions,
  take: (row: SubscriberRow) => void,
): Promise<void> {
  await pMap(
    emails,
    async (email) => {
      for (const row of await client.findSubscribers({ status: "all", search: email }, signal)) take(row);
    },
    { concurrency },
  );
}

/** Who leaves the unsubscribed meanwhile shifts the pages: whom that hides is found by the next run. */
async function readUnsubscribed(
  { client, concurrency, pageRows, signal }: LookOptions,
  take: (row: SubscriberRow) => void,
): Promise<void> {
  const { unsubscribed } = await client.count(signal);
  const offsets = Array.from({ length: Math.ceil(unsubscribed / pageRows) }, (_, page) => page * pageRows);
  await pMap(
    offsets,
    async (offset) => {
      const query = { status: "unsubscribed", offset, count: pageRows } as const;
      for (const row of await client.findSubscribers(query, signal)) take(row);
    },
    { concurrency },
  );
}

function isAsSeen(
  { email, saw }: Change,
  rows: readonly SubscriberRow[],
  { timeZone, since }: LookOptions,
): boolean {
  const known = rows.map((row) => subscriberOf(row, { columns: [], recentSince: 0, timeZone }));
  const seenAt = saw?.unsubscribedAt === undefined ? undefined : Date.parse(saw.unsubscribedAt);
  const left = known.some(({ unsubscribedAt = 0 }) => unsubscribedAt >= since);
  const own = known.find((subscriber) => subscriber.email === email);
  return !left && own?.subscribed === false && own.cause === saw?.cause && own.unsubscribedAt === seenAt;
}
