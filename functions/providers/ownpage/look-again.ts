import pMap from "p-map";
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
  readonly signal: AbortSignal;
}

/** Up to so many addresses are looked for one by one; beyond them all that are unsubscribed are read. */
const mostSearched = 50;

/**
 * Looks again at addresses that are to be resubscribed, just before they are: the API has no condition to send with a
 * row, so that nothing else keeps one from being subscribed that was opted out a moment ago.
 *
 * @returns those whose address still is what the plan saw; one that is not found is not
 */
export async function lookAgain(
  resubscriptions: readonly Change[],
  options: LookOptions,
): Promise<ReadonlySet<Change>> {
  const found = new Map<string, SubscriberRow>();
  const sought = new Set(resubscriptions.map(({ email }) => email));
  const take = (row: SubscriberRow) => {
    if (sought.delete(row.email)) found.set(row.email, row);
  };
  if (sought.size <= mostSearched) await search([...sought], options, take);
  // A search that finds nobody may read its parameters otherwise than is documented.
  if (sought.size > 0) await readUnsubscribed(options, take);
  return new Set(resubscriptions.filter((change) => isAsSeen(change, found.get(change.email), options)));
}

async function search(
  emails: readonly string[],
  { client, concurrency, signal }: LookOptions,
  take: (row: SubscriberRow) => void,
): Promise<void> {
  await pMap(
    emails,
    async (email) => {
      const query = { status: "all", search: email, exact: true } as const;
      for (const row of await client.findSubscribers(query, signal)) take(row);
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

function isAsSeen({ saw }: Change, row: SubscriberRow | undefined, { timeZone }: LookOptions): boolean {
  if (row === undefined) return false;
  const { subscribed, cause, unsubscribedAt } = subscriberOf(row, { columns: [], recentSince: 0, timeZone });
  const seenAt = saw?.unsubscribedAt === undefined ? undefined : Date.parse(saw.unsubscribedAt);
  return !subscribed && cause === saw?.cause && unsubscribedAt === seenAt;
}
