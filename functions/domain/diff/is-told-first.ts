import { type CurrentSubscriber, isBounce, isOptOut } from "../subscriber.ts";

/**
 * Whether the database is told of one spelling of an address rather than of another one in the same state: of subscribed
 * ones the latest; of the others an opt-out, then what the publisher did, then a bounce, each the latest; else the lowest
 * in the order of code units.
 */
export function isToldFirst(one: CurrentSubscriber, other: CurrentSubscriber): boolean {
  const order = rankOf(one) - rankOf(other) || compare(timeOf(other), timeOf(one));
  return order === 0 ? one.email < other.email : order < 0;
}

function rankOf({ subscribed, cause }: CurrentSubscriber): number {
  if (subscribed) return 3;
  if (isOptOut(cause)) return 0;
  return isBounce(cause) ? 2 : 1;
}

/** An opt-out whose time is unknown may be the latest; a subscription may be the earliest. */
function timeOf({ subscribed, subscribedAt, unsubscribedAt }: CurrentSubscriber): number {
  return subscribed
    ? (subscribedAt ?? Number.NEGATIVE_INFINITY)
    : (unsubscribedAt ?? Number.POSITIVE_INFINITY);
}

function compare(one: number, other: number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
