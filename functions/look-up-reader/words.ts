import type { Decision } from "../domain/decide.ts";
import type { Kept } from "../domain/plan.ts";
import type { Return } from "../domain/return.ts";
import type { CurrentSubscriber, DesiredSubscriber, UnsubscribeCause } from "../domain/subscriber.ts";
import type { Deed } from "../platform/storage/history/history-block.ts";

/** `2026-11-30 04:00 UTC` */
export function moment(at: number | string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const causes: Readonly<Record<UnsubscribeCause, string>> = {
  READER: "unsubscribed by the reader",
  PUBLISHER: "unsubscribed by the publisher: by a run, or by hand in the provider's dashboard",
  HARD_BOUNCE: "bounced: the address does not exist",
  MULTIPLE_BOUNCES: "bounced several times",
  UNKNOWN: "unsubscribed by a complaint, or for a reason that the provider does not tell",
  READER_FINAL: "opted out of everything, by the reader",
  PUBLISHER_FINAL: "taken out of everything, by the publisher",
  MAY_HAVE_LEFT: "known, not on the list, and may have left it before it was watched",
  TEMP_HOLD: "on hold at the provider",
  PENDING: "asked by the provider to confirm, and has not answered",
  NOT_SET: "known, without a permission to be mailed",
  DELETED: "deleted at the provider",
  TEMP_HOLD_MEMBER: "on the list, but on hold at the provider",
  PENDING_MEMBER: "on the list, but asked by the provider to confirm, and has not answered",
  NOT_SET_MEMBER: "on the list, but without a permission to be mailed",
};

export function providerWords({ subscribed, cause = "UNKNOWN", ...times }: CurrentSubscriber): string {
  const at = subscribed ? times.subscribedAt : times.unsubscribedAt;
  const when = at === undefined ? "" : subscribed ? ` since ${moment(at)}` : `, on ${moment(at)}`;
  return `${subscribed ? "subscribed" : causes[cause]}${when}`;
}

export function sourceWords(desired: DesiredSubscriber | undefined): string {
  if (desired === undefined) return "not in the database";
  const { subscribed, cause, consentedAt } = desired;
  if (subscribed === undefined) return "in the database, which has not decided whether they are subscribed";
  const consent = consentedAt === undefined ? "" : `, with a consent of ${moment(consentedAt)}`;
  if (subscribed) return `subscribed${consent}`;
  return `unsubscribed${cause === "READER" ? " by the reader" : ""}`;
}

const keptWords: Readonly<Record<Kept, string>> = {
  optedOut: "stays out, as the reader opted out and the database has no newer consent",
  bounced: "stays out, as the address bounced",
  publisher: "stays out, as the publisher unsubscribed it at the provider and no newer consent lifts that",
  mayHaveLeft: "stays out, as the reader may have left the list before it was watched",
  tempHold: "is left alone, as the provider has it on hold",
  pending: "is left alone, as the provider waits for the reader's answer",
  notSet: "is left alone, as the provider has no permission of the reader's",
  deleted: "is left alone, as the contact is deleted at the provider",
  undecided: "is left alone, as the database has not decided",
  recent: "stays subscribed, as the reader subscribed after the database was read",
  grace:
    "stays subscribed for now, as the reader subscribed a short while ago and may still reach the database",
  shielded: "stays subscribed, as a damaged row of the database seems to be this reader's",
  onlyAtProvider: "stays subscribed, as the list keeps readers whom the database does not have",
  refused: "is not sent for a week, as the provider refused the same row",
};

/** What a run would do with an address, and why. */
export function decisionWords(decision: Decision, isUndeliverable: boolean): string {
  if (isUndeliverable) return "would set the row aside, as no provider takes this e-mail address";
  if (decision === "unchanged") return "would change nothing, as both sides agree";
  if (typeof decision === "string") return `would change nothing: the address ${keptWords[decision]}`;
  return `would ${decision.kind} it: ${decision.reason}; unless the plan exceeds a limit`;
}

export function returnWords({ tells, reason, changedAt }: Return): string {
  const when = changedAt === undefined ? "" : `, on ${moment(changedAt)}`;
  return `would tell the database "${tells}": ${reason}${when}`;
}

export const deedWords: Readonly<Record<Deed, string>> = {
  optOut: "unsubscribe, as the reader's own word",
  unsubscribe: "unsubscribe",
  missing: "unsubscribe, as the database lacks the address",
  subscribe: "subscribe",
  resubscribe: "resubscribe",
  update: "update values",
  fill: "add values",
  unsubscribed: 'tell the database "unsubscribed"',
  bounced: 'tell the database "bounced"',
  subscribed: 'tell the database "subscribed"',
  updated: 'tell the database "updated"',
  setAside: "set a row of the database aside",
};
