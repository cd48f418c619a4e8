import type { Circumstances } from "./circumstances.ts";
import { differingFields } from "./differing-fields.ts";
import { sentEmail } from "./email.ts";
import type { Change, Kept, Saw } from "./plan.ts";
import type { Policy } from "./policy.ts";
import { isNewer, reasonToComeBack } from "./reason-to-come-back.ts";
import { type CurrentSubscriber, type DesiredSubscriber, isHeldMember } from "./subscriber.ts";

/** A change to send, why an address is kept, or "unchanged": both sides agree. */
export type Decision = Change | Kept | "unchanged";

/**
 * What happens to one address. This is the whole of the sync's judgement; the first line that fits decides:
 *
 * | in the database | at the provider | decision |
 * |---|---|---|
 * | anything | subscribed, and another spelling opted out after every subscription of the reader | **unsubscribe** as `READER`, unless the consent is newer than that opt-out |
 * | undecided (`subscribed` is NULL) | anything | kept: `undecided` |
 * | subscribed | absent | **subscribe**; kept: `optedOut` if its guid opted out under another address and the consent is not newer |
 * | subscribed | subscribed, fields differ | **update** of the fields that differ |
 * | subscribed | subscribed, same | unchanged |
 * | subscribed | unsubscribed, and may come back by a line below, but another spelling is subscribed or comes back instead | unchanged |
 * | subscribed | unsubscribed by the reader, a complaint or an unknown cause | kept: `optedOut`; **resubscribe** if the consent is newer than every opt-out of the reader |
 * | subscribed | unsubscribed by a bounce | kept: `bounced`; **resubscribe** if the list says `resubscribeBounced` |
 * | subscribed | unsubscribed by the publisher, and the source gives consents | kept: `publisher`; **resubscribe** if the consent is newer |
 * | subscribed | unsubscribed by the publisher, and the source gives none | kept: `publisher`; **resubscribe** if a run of ours unsubscribed it |
 * | subscribed | unsubscribed from everything, by the reader or by the publisher | kept: `optedOut` or `publisher`, whatever the consent |
 * | subscribed | on hold, asked to confirm, without a permission, or deleted | kept: `tempHold`, `pending`, `notSet` or `deleted` |
 * | subscribed | may have left the list before it was watched | kept: `mayHaveLeft`; **subscribe** if the consent is newer |
 * | unsubscribed or absent | subscribed after the database was read, under whichever spelling | kept: `recent` |
 * | unsubscribed | subscribed | **unsubscribe** with the database's cause, else as `PUBLISHER` |
 * | unsubscribed | on hold, asked to confirm or without a permission, and on the list | **unsubscribe**, likewise |
 * | absent | subscribed within `graceHours` before that, and not by a run of ours | kept: `grace` |
 * | absent | subscribed, and a damaged row of the source has its guid or its address | kept: `shielded` |
 * | absent | subscribed | **unsubscribe** as `PUBLISHER`; kept: `onlyAtProvider` if the list keeps such |
 * | unsubscribed or absent | unsubscribed or absent | unchanged |
 *
 * The list's `resubscribePublisher: "always"` lifts every unsubscription by the publisher. A row that the provider
 * refused is not sent again for a week unless it changes (kept: `refused`), but an unsubscription always is. Only a
 * resubscription ever asks the provider to lift an unsubscription. Of several spellings that may come back, one does:
 * the one in which the source's row would be sent, else the first in the order of code units.
 */
export function decide(
  current: CurrentSubscriber | undefined,
  desired: DesiredSubscriber | undefined,
  policy: Policy,
  circumstances: Circumstances,
): Decision {
  const decision = judge(current, desired, policy, circumstances);
  const mayWait = typeof decision === "object" && decision.kind !== "unsubscribe";
  return mayWait && circumstances.wasRefused(decision) ? "refused" : decision;
}

function judge(
  current: CurrentSubscriber | undefined,
  desired: DesiredSubscriber | undefined,
  policy: Policy,
  circumstances: Circumstances,
): Decision {
  if (current?.subscribed && leftUnderAnotherSpelling(current, desired, circumstances)) {
    return unsubscribe(current, { cause: "READER", reason: "opted out under another spelling" });
  }
  if (desired !== undefined && desired.subscribed === undefined) return "undecided";
  if (desired?.subscribed) {
    if (current === undefined) return join(desired, circumstances);
    if (current.subscribed) return update(current, desired, policy);
    return comeBack(current, desired, policy, circumstances);
  }
  if (!current?.subscribed) return takeOff(current, desired);
  const subscribedAt = lastSubscription(current, circumstances);
  if (subscribedAt >= policy.sourceReadAt) return "recent";
  if (desired !== undefined) return unsubscribeAs(current, desired);
  const isNew = subscribedAt >= policy.sourceReadAt - policy.graceMs;
  if (isNew && !circumstances.isOurs) return "grace";
  if (circumstances.isShielded) return "shielded";
  if (policy.onlyAtProvider !== "unsubscribe") return "onlyAtProvider";
  return unsubscribe(current, { cause: "PUBLISHER", missing: true, reason: "not in the database" });
}

/** Who is not to be mailed may be, later or after all, as long as they are on the list. */
function takeOff(
  current: CurrentSubscriber | undefined,
  desired: DesiredSubscriber | undefined,
): Change | "unchanged" {
  if (current === undefined || desired === undefined || !isHeldMember(current.cause)) return "unchanged";
  return unsubscribeAs(current, desired);
}

/** When the reader subscribed last, under whichever spelling: a word that no earlier one undoes. */
function lastSubscription(
  { subscribedAt = Number.NEGATIVE_INFINITY }: CurrentSubscriber,
  { siblingSubscribedAt = Number.NEGATIVE_INFINITY }: Circumstances,
): number {
  return Math.max(subscribedAt, siblingSubscribedAt);
}

function leftUnderAnotherSpelling(
  current: CurrentSubscriber,
  desired: DesiredSubscriber | undefined,
  circumstances: Circumstances,
): boolean {
  const { siblingOptedOutAt } = circumstances;
  if (siblingOptedOutAt === undefined) return false;
  if (lastSubscription(current, circumstances) > siblingOptedOutAt) return false;
  return !(desired?.subscribed && isNewer(desired.consentedAt, siblingOptedOutAt));
}

/** What a plan remembers of the provider's side, to recognise later whether it still stands. */
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

function join(desired: DesiredSubscriber, { guidOptedOutAt }: Circumstances): Decision {
  if (guidOptedOutAt !== undefined && !isNewer(desired.consentedAt, guidOptedOutAt)) return "optedOut";
  return {
    kind: "subscribe",
    email: sentEmail(desired.email),
    fields: Object.fromEntries(Object.entries(desired.fields).filter(([, value]) => value !== "")),
    saw: null,
    reason: "not at the provider",
  };
}

function update(current: CurrentSubscriber, desired: DesiredSubscriber, policy: Policy): Decision {
  const fields = differingFields(current, desired, policy);
  const names = Object.keys(fields);
  if (names.length === 0) return "unchanged";
  const reason = `differs in ${names.join(", ")}`;
  return { kind: "update", email: current.email, fields, saw: sawOf(current), reason };
}

function comeBack(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  policy: Policy,
  circumstances: Circumstances,
): Decision {
  const { siblingOptedOutAt, siblingBounced, guidOptedOutAt } = circumstances;
  const reason = reasonToComeBack(current, desired, policy, circumstances);
  if ("kept" in reason) return reason.kept;
  const elsewhere = [siblingOptedOutAt, guidOptedOutAt].filter((at) => at !== undefined);
  if (!elsewhere.every((at) => isNewer(desired.consentedAt, at))) return "optedOut";
  if (siblingBounced && !policy.resubscribeBounced) return "bounced";
  if (circumstances.siblingStandsIn) return "unchanged";
  const { email, cause } = current;
  const sent = { email, fields: differingFields(current, desired, policy), reason: reason.lifts };
  if (cause === "MAY_HAVE_LEFT") return { kind: "subscribe", ...sent, saw: null };
  return { kind: "resubscribe", ...sent, saw: sawOf(current) };
}

function unsubscribeAs(current: CurrentSubscriber, { cause = "PUBLISHER" }: DesiredSubscriber): Change {
  return unsubscribe(current, { cause, reason: "unsubscribed in the database" });
}

function unsubscribe(
  current: CurrentSubscriber,
  why: { cause: "READER" | "PUBLISHER"; missing?: true; reason: string },
): Change {
  return { kind: "unsubscribe", email: current.email, saw: sawOf(current), ...why };
}
