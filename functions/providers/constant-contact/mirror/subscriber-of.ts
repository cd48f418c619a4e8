import { type CurrentSubscriber, toldCause, type UnsubscribeCause } from "../../../domain/subscriber.ts";
import type { MirrorContact } from "./mirror-contact.ts";

/** A list of the account, as the domain is to see it. */
export interface ListRules {
  readonly listId: string;
  /** Whether it is known of everybody whether they left: then nobody may have left before the mirror began. */
  readonly joinKnown?: "always" | undefined;
  /** When the account had first been read whole. */
  readonly beganAt: number;
  /** When it was read anew after something of the mirror was lost: whoever left before that may not be remembered. */
  readonly lostAt?: number | undefined;
}

/**
 * What a contact is for a list; undefined if it is nobody there: it has no address, or the account brought it after the mirror
 * began, and it was never on the list.
 *
 * | contact | row |
 * |---|---|
 * | opted out of everything | `READER_FINAL` or `PUBLISHER_FINAL`: deleted or not, on the list or not |
 * | deleted | `DELETED` |
 * | on hold, pending, without a permission | `TEMP_HOLD`, `PENDING`, `NOT_SET`; with `_MEMBER` if it is on the list |
 * | on the list | subscribed |
 * | left it | `READER`, or the cause with which a run of ours removed it |
 * | was removed by a run of ours as merely missing, and did something themselves since | `MAY_HAVE_LEFT` |
 * | was taken off it by a deletion alone, or was never seen on it and is older than the mirror | `MAY_HAVE_LEFT` |
 * | was never seen on it, but did something themselves: they may have joined and left between two readings | `MAY_HAVE_LEFT` |
 */
export function subscriberOf(contact: MirrorContact, rules: ListRules): CurrentSubscriber | undefined {
  const { email, fields, joined, optedInAt, createdAt } = contact;
  if (email === undefined) return undefined;
  const unsubscription = unsubscriptionOf(contact, rules);
  if (unsubscription !== undefined) return { email, subscribed: false, ...unsubscription, fields };
  if (!contact.lists.includes(rules.listId)) return undefined;
  const subscribedAt = joined?.[rules.listId] ?? optedInAt ?? createdAt;
  return { email, subscribed: true, subscribedAt, fields };
}

/** By the permissions of those who are not to be mailed. */
const heldCauses = {
  temp_hold: "TEMP_HOLD",
  pending_confirmation: "PENDING",
  not_set: "NOT_SET",
  unknown: "NOT_SET",
  explicit: undefined,
  implicit: undefined,
} as const;

interface Unsubscription {
  readonly cause: UnsubscribeCause;
  readonly unsubscribedAt?: number;
}

function unsubscriptionOf(contact: MirrorContact, rules: ListRules): Unsubscription | undefined {
  const { permission, optOutSource, optedOutAt, deletedAt } = contact;
  if (permission === "unsubscribed") {
    const cause = optOutSource === "Account" ? "PUBLISHER_FINAL" : "READER_FINAL";
    return { cause, ...(optedOutAt !== undefined && { unsubscribedAt: optedOutAt }) };
  }
  if (deletedAt !== undefined) return { cause: "DELETED", unsubscribedAt: deletedAt };
  const isMember = contact.lists.includes(rules.listId);
  const held = heldCauses[permission];
  if (held !== undefined) return { cause: isMember ? `${held}_MEMBER` : held };
  return isMember ? undefined : departureOf(contact, rules);
}

function departureOf(
  { left, createdAt, byReaderAt = Number.NEGATIVE_INFINITY }: MirrorContact,
  { listId, joinKnown, beganAt, lostAt }: ListRules,
): Unsubscription | undefined {
  const departure = left?.[listId];
  if (departure?.by === "PUBLISHER" && joinKnown !== "always" && byReaderAt > departure.at) {
    return { cause: "MAY_HAVE_LEFT", unsubscribedAt: byReaderAt };
  }
  if (departure !== undefined && departure.by !== "DELETION") {
    return { cause: departure.by, unsubscribedAt: departure.at };
  }
  if (joinKnown === "always") return undefined;
  if (departure !== undefined) return { cause: "MAY_HAVE_LEFT", unsubscribedAt: departure.at };
  const before = createdAt > beganAt ? Number.NEGATIVE_INFINITY : (lostAt ?? beganAt);
  const mayHaveLeftAt = Math.max(before, byReaderAt);
  return Number.isFinite(mayHaveLeftAt)
    ? { cause: "MAY_HAVE_LEFT", unsubscribedAt: mayHaveLeftAt }
    : undefined;
}

const optOuts: readonly (UnsubscribeCause | undefined)[] = [
  "READER_FINAL",
  "PUBLISHER_FINAL",
  "READER",
  "PUBLISHER",
];

/**
 * What an address that several contacts have is for a list. A living one counts, and of several the unsubscribed one; where
 * none of them is anybody, the opt-out of a deleted one still holds, which a newer consent lifts as an import reaches the
 * living one; and that it was on the list when it was deleted.
 */
export function subscriberOfShared(
  contacts: readonly MirrorContact[],
  rules: ListRules,
): CurrentSubscriber | undefined {
  const rowsOf = (some: readonly MirrorContact[]) =>
    some.map((contact) => subscriberOf(contact, rules)).filter((row) => row !== undefined);
  const living = contacts.filter(({ deletedAt }) => deletedAt === undefined);
  const rows = rowsOf(living);
  if (rows.length > 0) return rows.find(({ subscribed }) => !subscribed) ?? rows[0];
  const asDeleted = rowsOf(contacts);
  const optOut = asDeleted.find(({ cause }) => optOuts.includes(cause));
  if (living.length === 0) return optOut ?? asDeleted[0];
  if (optOut !== undefined) return { ...optOut, cause: toldCause(optOut.cause)! };
  const asLiving = contacts.map(({ deletedAt: _, ...contact }) => contact);
  const wereThere = asLiving.filter(({ left }) => left?.[rules.listId] !== undefined);
  return rowsOf(asLiving).find(({ cause }) => optOuts.includes(cause)) ?? rowsOf(wereThere)[0];
}
