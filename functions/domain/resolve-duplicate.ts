import type { UnsubscribeCause } from "./subscriber.ts";

/** The status that a row of the source gives its address. */
export interface RowStatus {
  /** Undefined if the row is undecided. */
  readonly subscribed: boolean | undefined;
  readonly cause: UnsubscribeCause | undefined;
  /** In ms since the epoch; undefined if the row has no time. */
  readonly consentedAt: number | undefined;
}

/** The status that the earlier rows of an address came to, and whether any decided one, counting or not, was such. */
export interface EarlierRows extends RowStatus {
  readonly anyUnsubscribed: boolean;
  /** By READER. */
  readonly anyOptedOut: boolean;
  /** Without a time. */
  readonly anyUntimed: boolean;
}

/**
 * `earlier`: what the earlier rows came to still counts. `row`: the row counts instead. `unsubscribed`, `optedOut`:
 * the row counts, as unsubscribed (by READER) even where only an earlier row was.
 */
export type Resolution = "earlier" | "row" | "unsubscribed" | "optedOut";

/**
 * Which row counts of those that share an address. Rows come one at a time, and each is compared with the earlier ones:
 *
 * | consent times | earlier rows | the row | what counts |
 * |---|---|---|---|
 * | any | any | undecided | earlier |
 * | any | undecided | any other | row |
 * | all known, the row's is later | any | any | row |
 * | all known, the row's is earlier | any | any | earlier |
 * | else | opted out | any | earlier |
 * | else | unsubscribed otherwise | opted out * | optedOut |
 * | else | unsubscribed otherwise | any other | earlier |
 * | else | subscribed | opted out * | optedOut |
 * | else | subscribed | unsubscribed * | unsubscribed |
 * | else | subscribed | subscribed | row if only its time is known, or it is the later one; else earlier |
 *
 * "Opted out" is unsubscribed by READER. (*) Where a time is unknown, a row also is what any earlier row was. So the
 * status and its cause do not depend on the order of the rows: where the times do not tell which row counts, an
 * unsubscribed one does, and the reader's own opt-out stays the reader's.
 */
export function resolveDuplicate(row: RowStatus, earlier: EarlierRows): Resolution {
  if (row.subscribed === undefined) return "earlier";
  if (earlier.subscribed === undefined) return "row";
  const areAllTimed = row.consentedAt !== undefined && !earlier.anyUntimed;
  if (areAllTimed && row.consentedAt !== earlier.consentedAt) {
    return isLater(row.consentedAt, earlier.consentedAt) ? "row" : "earlier";
  }
  const isOptedOut = row.cause === "READER" || (!areAllTimed && earlier.anyOptedOut);
  if (!earlier.subscribed) return isOptedOut && earlier.cause !== "READER" ? "optedOut" : "earlier";
  const isUnsubscribed = !row.subscribed || (!areAllTimed && earlier.anyUnsubscribed);
  if (isUnsubscribed) return isOptedOut ? "optedOut" : "unsubscribed";
  return isLater(row.consentedAt, earlier.consentedAt) ? "row" : "earlier";
}

/** An unknown time is earlier than any other. */
function isLater(time: number | undefined, other: number | undefined): boolean {
  return time !== undefined && (other === undefined || time > other);
}
