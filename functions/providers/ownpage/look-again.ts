import pMap from "p-map";
import type { Change } from "../../domain/plan.ts";
import type { OwnpageClient } from "./client.ts";
import { subscriberOf } from "./page-rows.ts";
import type { SubscriberRow } from "./schema.ts";

/** What became of an address since a plan saw it unsubscribed: nothing, it is subscribed, or it was unsubscribed anew. */
export type Since = "unchanged" | "subscribed" | "changed";

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
 * row, so that nothing else keeps one from being subscribed that was opted out a moment ago. Who is not found counts as
 * changed.
 */
export async function lookAgain(
  resubscriptions: readonly Change[],
  options: LookOptions,
): Promise<ReadonlyMap<Change, Since>> {
  const found = new Map<string, SubscriberRow>();
  const sought = new Set(resubscriptions.map(({ email }) => email));
  const take = (row: SubscriberRow) => {
    if (sought.delete(row.email)) found.set(row.email, row);
  };
  if (sought.size <= mostSearched) await search([...sought], options, take);
  // A search that finds nobody may read its parameters otherwise than is documented.
  if (sought.size > 0) await readUnsubscribed(options, take);
  return new Map(
    resubscriptions.map((change) => [change, sinceSeen(change, found.get(change.email), options)]),
  );
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

function sinceSeen({ saw }: Change, row: SubscriberRow | undefined, { timeZone }: LookOptions): Since {
  if (row === undefined) return "changed";
  const { subscribed, cause, unsubscribedAt } = subscriberOf(row, { columns: [], recentSince: 0, timeZone });
  if (subscribed) return "subscribed";
  const seenAt = saw?.unsubscribedAt === undefined ? undefined : Date.parse(saw.unsubscribedAt);
  return cause === saw?.cause && unsubscribedAt === seenAt ? "unchanged" : "changed";
}
