import { type CurrentSubscriber, isBounce, isOptOut, toldCause } from "../subscriber.ts";

/**
 * Whether the database is told of one spelling of an address rather than of another one in the same state: of subscribed
 * ones the latest; of the others an opt-out, then what the publisher did, then a bounce, then what is not told, each the
 * earliest, as a later one may be what a run made of it; else the lowest in the order of code units.
 */
export function isToldFirst(one: CurrentSubscriber, other: CurrentSubscriber): boolean {
  const order = rankOf(one) - rankOf(other) || compare(placeOf(one), placeOf(other));
  return order === 0 ? one.email < other.email : order < 0;
}

function rankOf({ subscribed, cause }: CurrentSubscriber): number {
  if (subscribed) return 4;
  if (isOptOut(cause)) return 0;
  if (toldCause(cause) === undefined) return 3;
  return isBounce(cause) ? 2 : 1;
}

/** By time; whatever has none comes last. */
function placeOf({
  subscribed,
  subscribedAt = Number.NEGATIVE_INFINITY,
  unsubscribedAt,
}: CurrentSubscriber): number {
  return subscribed ? -subscribedAt : (unsubscribedAt ?? Number.POSITIVE_INFINITY);
}

function compare(one: number, other: number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
