import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import { desiredOf, isSameAddress, isShielded, type Reader } from "./reference-model.ts";
import type { Snapshot } from "./simulated-database.ts";

export interface ReaderOptions {
  /** The provider's rows, or whatever versions of them are known. */
  readonly rows: readonly Subscriber[];
  readonly snapshot: Snapshot;
  /** Has the consents that readers gave under other addresses. @default the snapshot */
  readonly consents?: Snapshot;
  /** Whether a run of ours made a row what it is. */
  isOurs(row: Subscriber): boolean;
}

/** All that is known of the reader of an address. */
export function readerOf(
  email: string,
  row: Subscriber | undefined,
  { rows, snapshot, consents = snapshot, isOurs }: ReaderOptions,
): Reader {
  const desired = desiredOf(snapshot, email);
  const others = rows.filter((other) => other.email !== email);
  const siblings = others.filter((other) => isSameAddress(other.email, email));
  return {
    desired,
    siblings,
    namesakes: others
      .filter((other) => other.guid === desired?.guid && !isSameAddress(other.email, email))
      .filter((other) => !hasConsentedSince(other, consents)),
    isOurs,
    isShielded: row !== undefined && [row, ...siblings].some((spelling) => isShielded(spelling, snapshot)),
  };
}

function hasConsentedSince({ email, unsubscribed_at }: Subscriber, snapshot: Snapshot): boolean {
  const { subscribed = false, consentedAt = 0 } = desiredOf(snapshot, email) ?? {};
  return subscribed && consentedAt > Date.parse(unsubscribed_at ?? "");
}
