import type { ListConfiguration } from "../../functions/configuration.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { DatabaseRow } from "./simulated-database.ts";

/** What the database wants of one address. */
export interface Desired {
  readonly subscribed: boolean;
  /** Whether an unsubscription may be sent as the reader's own. */
  readonly isByReader: boolean;
  /** In ms since the epoch; 0 is none. */
  readonly consentedAt: number;
  readonly firstName?: string | undefined;
  /** Undefined if another address has it, too: which of them keeps it is up to the planner. */
  readonly guid?: string | undefined;
}

/**
 * What the database wants of an address, stated a second time and as simply as possible: of its rows, the most recent if
 * all have a time or none is unsubscribed, otherwise an unsubscribed one.
 */
export function desiredOf(rows: readonly DatabaseRow[], email: string): Desired | undefined {
  const same = rows.filter((row) => isSameAddress(row.email, email));
  const left = same.filter(({ subscribed }) => !subscribed);
  const isTimed = same.every(({ consentedAt }) => consentedAt !== undefined);
  const counted = !isTimed && left.length > 0 ? left : same;
  const latest = Math.max(...counted.map(timeOf));
  const latestOnes = counted.filter((row) => timeOf(row) === latest);
  const row = latestOnes.find(({ subscribed }) => !subscribed) ?? latestOnes[0];
  if (row === undefined) return undefined;
  const isShared = rows.some(({ guid, email }) => guid === row.guid && !isSameAddress(email, row.email));
  return {
    subscribed: row.subscribed,
    isByReader: same.some(({ subscribed, cause }) => !subscribed && cause === "READER"),
    consentedAt: row.consentedAt ?? 0,
    firstName: row.firstName,
    guid: isShared ? undefined : row.guid,
  };
}

export function isSameAddress(email: string, other: string): boolean {
  return email.toLowerCase() === other.toLowerCase();
}

function timeOf({ consentedAt }: DatabaseRow): number {
  return consentedAt ?? Number.NEGATIVE_INFINITY;
}

/** Whether an unsubscribed row must stay so, whatever the database wants. */
export function staysUnsubscribed(
  row: Subscriber,
  consentedAt: number,
  { resubscribeBounced }: ListConfiguration,
): boolean {
  switch (row.unsubscribed_cause) {
    case "PUBLISHER":
      return false;
    case "HARD_BOUNCE":
    case "MULTIPLE_BOUNCES":
      return !resubscribeBounced;
    default:
      return consentedAt <= Date.parse(row.unsubscribed_at!);
  }
}
