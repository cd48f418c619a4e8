import type { ListConfiguration } from "../../functions/configuration.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import { consentOf, type DatabaseRow, isUsable, type Snapshot } from "./simulated-database.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What the database wants of one address. */
export interface Desired {
  /** As a new address would be sent. */
  readonly email: string;
  /** Undefined: it has not decided. */
  readonly subscribed: boolean | undefined;
  /** Whether an unsubscription may be sent as the reader's own. */
  readonly isByReader: boolean;
  /** In ms since the epoch; none is infinitely long ago. */
  readonly consentedAt: number;
  readonly firstName?: string | undefined;
  readonly guid?: string | undefined;
  /** Whether another address has the guid, too: which of them gets it is up to the planner. */
  readonly isGuidShared: boolean;
}

/** A reader as both sides know them, for one row at the provider, or for none. */
export interface Reader {
  readonly desired: Desired | undefined;
  /** The address in other spellings. */
  readonly siblings: readonly Subscriber[];
  /** Other addresses with the guid that the database has for this one, unless the reader consented again under them. */
  readonly namesakes: readonly Subscriber[];
  /** Whether a row of the source that cannot be used is this reader's. */
  readonly isShielded: boolean;
  /** Whether a run of ours made a row what it is. */
  isOurs(row: Subscriber): boolean;
}

/** What the list's configuration and the source's time leave to choose. */
export interface Policy extends ListConfiguration {
  readonly readAt: number;
  readonly givesConsents: boolean;
}

/** What must become of a row at the provider, or of an address that it does not have. */
export type Fate = "subscribed" | "unsubscribed" | "as it was";

/** The rules of the sync, stated a second time and as plainly as possible. */
export function fateOf(row: Subscriber | undefined, reader: Reader, policy: Policy): Fate {
  const { desired } = reader;
  if (row?.subscribed && leftElsewhere(row, reader, policy)) return "unsubscribed";
  if (desired !== undefined && desired.subscribed === undefined) return "as it was";
  if (desired?.subscribed) {
    if (row?.subscribed) return "subscribed";
    const isWelcome = objectionsTo(row, reader, policy).length === 0;
    return isWelcome && (row === undefined || isFirst(row, reader, policy)) ? "subscribed" : "as it was";
  }
  if (!row?.subscribed || isSpared(row, reader, policy)) return "as it was";
  return "unsubscribed";
}

/** The rows at the provider that forbid to subscribe a reader whom the database wants. */
export function objectionsTo(row: Subscriber | undefined, reader: Reader, policy: Policy): Subscriber[] {
  const { desired, siblings, namesakes } = reader;
  const { resubscribeBounced, resubscribePublisher, givesConsents } = policy;
  const isOlder = (other: Subscriber) => (desired?.consentedAt ?? 0) <= Date.parse(other.unsubscribed_at!);
  const spellings = row === undefined ? siblings : [row, ...siblings];
  const mayLift = (row: Subscriber) =>
    resubscribePublisher === "always" || (!givesConsents && reader.isOurs(row));
  return [
    ...[...spellings, ...namesakes].filter((other) => isOptOut(other) && isOlder(other)),
    ...spellings.filter((other) => isBounce(other) && !resubscribeBounced),
    ...(row !== undefined && isByPublisher(row) && isOlder(row) && !mayLift(row) ? [row] : []),
  ];
}

/** Whether no other spelling is subscribed, and none that may come back goes before this one. */
function isFirst(row: Subscriber, reader: Reader, policy: Policy): boolean {
  const { siblings, desired } = reader;
  if (siblings.some(({ subscribed }) => subscribed)) return false;
  const all = [row, ...siblings];
  const mayComeBack = all.filter((one) => {
    const others = all.filter((other) => other !== one);
    return objectionsTo(one, { ...reader, siblings: others }, policy).length === 0;
  });
  const emails = mayComeBack.map(({ email }) => email).sort();
  const wanted = emails.find((email) => email === desired?.email) ?? emails[0];
  return row.email === wanted;
}

/** Whether the reader opted out under another spelling after the last subscription, and did not consent again. */
export function leftElsewhere(row: Subscriber, reader: Reader, policy: Policy): boolean {
  const { siblings, desired } = reader;
  const consentedAt = desired?.subscribed ? desired.consentedAt : Number.NEGATIVE_INFINITY;
  const left = siblings.filter(isOptOut).map(({ unsubscribed_at }) => Date.parse(unsubscribed_at!));
  return left.length > 0 && Math.max(lastSubscription(row, reader, policy), consentedAt) <= Math.max(...left);
}

/** Under whichever spelling. */
function lastSubscription(row: Subscriber, { siblings }: Reader, policy: Policy): number {
  const spellings = [row, ...siblings.filter(({ subscribed }) => subscribed)];
  return Math.max(...spellings.map((spelling) => subscriptionOf(spelling, policy)));
}

/** When a row subscribed: only the day is known of what was long ago, and of the rest the second. */
export function subscriptionOf({ subscribed_at }: Subscriber, { readAt, graceHours }: Policy): number {
  const at = Date.parse(subscribed_at);
  const exactSince = dayOf(readAt - graceHours * hourMs - dayMs);
  return at < exactSince ? dayOf(at) : secondOf(at);
}

function secondOf(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

/** The start of a day, in UTC. */
function dayOf(at: number): number {
  return Math.floor(at / dayMs) * dayMs;
}

/** Whether a row subscribed after the database was read; or a short while before, if merely missing and not by us. */
export function isNews(row: Subscriber, reader: Reader, policy: Policy): boolean {
  const subscribedAt = lastSubscription(row, reader, policy);
  const readAt = secondOf(policy.readAt);
  if (subscribedAt >= readAt) return true;
  const isNew = subscribedAt >= readAt - policy.graceHours * hourMs;
  return reader.desired === undefined && isNew && !reader.isOurs(row);
}

/** Whether a subscribed row is left alone although the database does not want it. */
function isSpared(row: Subscriber, reader: Reader, policy: Policy): boolean {
  const { desired, isShielded } = reader;
  if (isNews(row, reader, policy)) return true;
  return desired === undefined && (isShielded || policy.onlyAtProvider !== "unsubscribe");
}

/**
 * What the database wants of an address: of its decided rows, the most recent if all have a time or none is
 * unsubscribed, otherwise an unsubscribed one.
 */
export function desiredOf(snapshot: Snapshot, email: string): Desired | undefined {
  const { rows } = snapshot;
  const same = rows.filter((row) => isUsable(row) && isSameAddress(row.email, email));
  const decided = same.filter(({ subscribed }) => subscribed !== undefined);
  const row = decided.length > 0 ? countedOf(decided, snapshot) : same[0];
  if (row === undefined) return undefined;
  return {
    email: row.email.replace(/@.*/, (domain) => domain.toLowerCase()),
    subscribed: row.subscribed === undefined ? undefined : row.subscribed === true,
    isByReader: same.some(({ subscribed, cause }) => subscribed === false && cause === "READER"),
    consentedAt: consentOf(row, snapshot),
    firstName: row.firstName,
    guid: row.guid,
    isGuidShared: rows.some(({ guid, email }) => guid === row.guid && !isSameAddress(email, row.email)),
  };
}

function countedOf(decided: readonly DatabaseRow[], snapshot: Snapshot): DatabaseRow | undefined {
  const left = decided.filter(({ subscribed }) => !subscribed);
  const isTimed = decided.every((row) => consentOf(row, snapshot) !== Number.NEGATIVE_INFINITY);
  const counted = !isTimed && left.length > 0 ? left : decided;
  const latest = Math.max(...counted.map((row) => consentOf(row, snapshot)));
  const latestOnes = counted.filter((row) => consentOf(row, snapshot) === latest);
  return latestOnes.find(({ subscribed }) => !subscribed) ?? latestOnes[0];
}

/** Whether a row of the source that cannot be used, and does not say that its reader left, is this reader's. */
export function isShielded({ email, guid }: Subscriber, { rows }: Snapshot): boolean {
  const unusable = rows.filter((row) => !isUsable(row) && row.subscribed !== false);
  return unusable.some((row) => row.guid === guid || isSameAddress(row.email, email));
}

export function isSameAddress(email: string, other: string): boolean {
  return email.toLowerCase() === other.toLowerCase();
}

export function isByPublisher({ subscribed, unsubscribed_cause: cause }: Subscriber): boolean {
  return !subscribed && cause === "PUBLISHER";
}

export function isBounce({ subscribed, unsubscribed_cause: cause }: Subscriber): boolean {
  return !subscribed && (cause === "HARD_BOUNCE" || cause === "MULTIPLE_BOUNCES");
}

/** By the reader, by a complaint, or for a reason that nobody knows. */
function isOptOut(row: Subscriber): boolean {
  return !row.subscribed && !isBounce(row) && !isByPublisher(row);
}
