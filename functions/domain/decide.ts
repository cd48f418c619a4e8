import type { Change, Saw } from "./plan.ts";
import type { CurrentSubscriber, DesiredSubscriber, Fields } from "./subscriber.ts";

/** Which fields can be compared: those that the provider shows. */
export interface Comparable {
  readonly guid: boolean;
  readonly data: boolean;
}

/** What decides beside the two sides of an address: the configuration of the list, and what the provider shows. */
export interface Policy {
  /** What to do with a subscribed address that the database does not have. */
  readonly onlyAtProvider: "unsubscribe" | "keep";
  /** Whether to resubscribe a bounced address that the database still has. */
  readonly resubscribeBounced: boolean;
  readonly comparable: Comparable;
}

/** Why an address stays as it is although the two sides differ. */
export type Kept = "optedOut" | "bounced" | "recent" | "onlyAtProvider";

/** A change to send, the reason why the address is kept, or "unchanged" where the two sides agree. */
export type Decision = Change | Kept | "unchanged";

/**
 * Decides what happens to one address. This table is all that a sync decides by:
 *
 * | in the database | at the provider | decision |
 * |---|---|---|
 * | subscribed | absent | subscribe |
 * | subscribed | subscribed, fields differ | update |
 * | subscribed | subscribed, same | unchanged |
 * | subscribed | unsubscribed by READER, UNKNOWN (a complaint too) | optedOut; resubscribe if the consent is newer |
 * | subscribed | unsubscribed by HARD_BOUNCE, MULTIPLE_BOUNCES | bounced; resubscribe if the policy says so |
 * | subscribed | unsubscribed by PUBLISHER | resubscribe |
 * | unsubscribed | subscribed | unsubscribe with the database's cause, else PUBLISHER |
 * | absent | subscribed | unsubscribe as PUBLISHER; recent if it subscribed after the source was read; onlyAtProvider if the policy keeps it |
 * | absent or unsubscribed | absent or unsubscribed | unchanged |
 *
 * No change but a resubscription asks the provider to lift an unsubscription.
 */
export function decide(
  current: CurrentSubscriber | undefined,
  desired: DesiredSubscriber | undefined,
  policy: Policy,
): Decision {
  if (current === undefined) return desired?.subscribed ? subscribe(desired) : "unchanged";
  if (desired?.subscribed) {
    return current.subscribed
      ? update(current, desired, policy)
      : resubscribeOrKeep(current, desired, policy);
  }
  if (!current.subscribed) return "unchanged";
  if (desired !== undefined) {
    return unsubscribe(current, desired.cause ?? "PUBLISHER", "unsubscribed in the database");
  }
  if (current.recent) return "recent";
  if (policy.onlyAtProvider === "keep") return "onlyAtProvider";
  return unsubscribe(current, "PUBLISHER", "not in the database");
}

/** What the provider has now. Stored with the change, it tells later whether the change is still right. */
function sawOf(current: CurrentSubscriber): Saw {
  return {
    subscribed: current.subscribed,
    ...(current.cause !== undefined && { cause: current.cause }),
    ...(current.unsubscribedAt !== undefined && {
      unsubscribedAt: new Date(current.unsubscribedAt).toISOString(),
    }),
    fields: current.fields,
  };
}

function subscribe(desired: DesiredSubscriber): Change {
  const fields = Object.fromEntries(Object.entries(desired.fields).filter(([, value]) => value !== ""));
  return {
    kind: "subscribe",
    email: desired.email,
    fields,
    saw: null,
    reason: "not at the provider",
  };
}

function update(current: CurrentSubscriber, desired: DesiredSubscriber, policy: Policy): Decision {
  const fields = differingFields(current, desired, policy.comparable);
  const names = Object.keys(fields);
  if (names.length === 0) return "unchanged";
  return {
    kind: "update",
    email: current.email,
    fields,
    saw: sawOf(current),
    reason: `differs in ${names.join(", ")}`,
  };
}

function resubscribeOrKeep(current: CurrentSubscriber, desired: DesiredSubscriber, policy: Policy): Decision {
  const resubscribe = (reason: string): Change => ({
    kind: "resubscribe",
    email: current.email,
    fields: differingFields(current, desired, policy.comparable),
    saw: sawOf(current),
    reason,
  });
  switch (current.cause) {
    case "PUBLISHER":
      return resubscribe("the publisher had unsubscribed it");
    case "HARD_BOUNCE":
    case "MULTIPLE_BOUNCES":
      if (!policy.resubscribeBounced) return "bounced";
      return resubscribe("bounced addresses are to be tried again");
    default:
      if (!hasConsentedSince(current, desired)) return "optedOut";
      return resubscribe("consented again since it was unsubscribed");
  }
}

function hasConsentedSince(current: CurrentSubscriber, desired: DesiredSubscriber): boolean {
  if (current.unsubscribedAt === undefined || desired.consentedAt === undefined) return false;
  return desired.consentedAt > current.unsubscribedAt;
}

function unsubscribe(current: CurrentSubscriber, cause: "READER" | "PUBLISHER", reason: string): Change {
  return {
    kind: "unsubscribe",
    email: current.email,
    cause,
    saw: sawOf(current),
    reason,
  };
}

/** An empty guid in the source changes nothing; an empty `data_*` clears the provider's value. */
function differingFields(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  comparable: Comparable,
): Fields {
  const isDifferent = ([name, value]: [string, string]) =>
    value !== (current.fields[name] ?? "") &&
    (name === "guid" ? comparable.guid && value !== "" : comparable.data);
  return Object.fromEntries(Object.entries(desired.fields).filter(isDifferent));
}
