import type { Circumstances } from "./circumstances.ts";
import type { Decision } from "./decide.ts";
import { canonicalEmail } from "./email.ts";
import type { Policy } from "./policy.ts";
import { isNewer, keepsOut } from "./reason-to-come-back.ts";
import type { Return, ReturnKind } from "./return.ts";
import {
  type CurrentSubscriber,
  type DesiredSubscriber,
  type Fields,
  isFinal,
  type ToldCause,
  toldCause,
} from "./subscriber.ts";

/** One address on both sides, and what is decided of it. */
export interface Judged {
  readonly current: CurrentSubscriber | undefined;
  readonly desired: DesiredSubscriber | undefined;
  readonly decision: Decision;
}

/**
 * What the database is told of one address. The decision tells which side is right; where it is the provider, the
 * database hears of it:
 *
 * | in the database | at the provider | returned |
 * |---|---|---|
 * | subscribed | kept: `optedOut` | **unsubscribed**, with the cause and the time |
 * | subscribed | kept: `publisher`, and no run of ours unsubscribed it | **unsubscribed**, `PUBLISHER`, likewise |
 * | subscribed | kept as one of these, but only because the reader opted out under another address with the same guid | **unsubscribed**, `READER`, with that time |
 * | subscribed | kept: `bounced` | **bounced**, with the cause and the time |
 * | unsubscribed or absent | kept: `recent` | **subscribed**, with the time, the guid and the fields |
 * | absent | kept: `grace`, or `onlyAtProvider` if the list returns such | **subscribed**, likewise |
 * | subscribed | subscribed, or about to be again, another value in one of the list's `providerFields` | **updated**, with these fields |
 * | anything else | anything else | nothing |
 *
 * Of several spellings at the provider, one speaks for the reader. Nothing says that a reader left while another spelling
 * stays subscribed. Nobody is told as new who may stand in a damaged row of the source, or whom the source calls
 * unsubscribed when it is read once more: that may be the later word. What the provider does not show is not told.
 */
export function answer(judged: Judged, policy: Policy, circumstances: Circumstances): Return | undefined {
  const { current, decision } = judged;
  if (circumstances.siblingAnswers) return undefined;
  switch (decision) {
    case "optedOut":
    case "publisher":
      return leave(judged, policy, circumstances);
    case "bounced":
      return tell("bounced", judged, endOf(current!));
    case "grace":
      return circumstances.mayBeOurs ? undefined : arrival(judged, policy, circumstances);
    case "recent":
      return arrival(judged, policy, circumstances);
    case "onlyAtProvider":
      return policy.onlyAtProvider === "return" ? arrival(judged, policy, circumstances) : undefined;
    default:
      return isAgreedOn(judged) ? updateOf(judged, policy) : undefined;
  }
}

/** Of what forbids a reader to come back, the address's own state if that does; never what a run of ours did. */
function leave(judged: Judged, policy: Policy, circumstances: Circumstances): Return | undefined {
  const { current, desired } = judged;
  const { guidOptedOutAt } = circumstances;
  if (current !== undefined && keepsOut(current, desired!, policy, circumstances))
    return tell("unsubscribed", judged, endOf(current));
  if (guidOptedOutAt === undefined || isNewer(desired!.consentedAt, guidOptedOutAt)) return undefined;
  const reason = "opted out under another address with the same guid";
  return tell("unsubscribed", judged, { cause: "READER", changedAt: guidOptedOutAt, reason });
}

/** Of a reader whom the database does not have as a subscriber, unless it may, or may have heard of them since. */
function arrival(judged: Judged, policy: Policy, { isShielded }: Circumstances): Return | undefined {
  const { desired } = judged;
  const current = judged.current!;
  const { subscribedAt = Number.NEGATIVE_INFINITY } = current;
  const mayBeKnown = desired === undefined ? isShielded : subscribedAt < policy.lastReadAt;
  return mayBeKnown ? undefined : tell("subscribed", judged, beginningOf(current, policy));
}

/** Whether both sides have the address subscribed once the plan is applied, and the provider has it already. */
function isAgreedOn({ current, desired, decision }: Judged): boolean {
  if (current === undefined || !desired?.subscribed) return false;
  const kind = typeof decision === "object" ? decision.kind : decision;
  return current.subscribed ? kind !== "unsubscribe" : kind === "resubscribe" || kind === "subscribe";
}

/** Whether a reader is kept out of everything, and the database told so, although it has a newer consent. */
export function isNotLifted({ current, desired }: Judged): boolean {
  if (!desired?.subscribed || !isFinal(current?.cause)) return false;
  return isNewer(desired.consentedAt, current!.unsubscribedAt ?? Number.POSITIVE_INFINITY);
}

interface Told {
  readonly cause?: ToldCause | undefined;
  /** In ms since the epoch. */
  readonly changedAt?: number | undefined;
  readonly guid?: string | undefined;
  readonly fields?: Fields;
  readonly reason: string;
}

function endOf({ unsubscribedAt, ...current }: CurrentSubscriber): Told {
  const cause = toldCause(current.cause);
  return { cause, changedAt: unsubscribedAt, reason: `unsubscribed at the provider, cause ${cause}` };
}

function beginningOf(current: CurrentSubscriber, { comparable }: Policy): Told {
  const { guid, ...fields } = current.fields;
  return {
    changedAt: current.subscribedAt,
    guid,
    // What the provider does not show is not empty.
    ...(comparable.data && { fields }),
    reason: "subscribed at the provider",
  };
}

function updateOf({ current, desired, decision }: Judged, policy: Policy): Return | undefined {
  if (!policy.comparable.data) return undefined;
  const differing = policy.providerFields.filter(
    (name) => name in desired!.fields && (current!.fields[name] ?? "") !== desired!.fields[name],
  );
  if (differing.length === 0) return undefined;
  const fields = Object.fromEntries(differing.map((name) => [name, current!.fields[name] ?? ""]));
  const reason = `differs in ${differing.join(", ")}, which the provider owns`;
  return tell("updated", { current, desired, decision }, { fields, reason });
}

function tell(
  tells: ReturnKind,
  { current, desired }: Judged,
  { cause, changedAt, guid = "", fields, reason }: Told,
): Return {
  const { email, fields: given = {} } = desired ?? current!;
  const knownGuid = guid || given["guid"] || "";
  return {
    kind: "return",
    tells,
    address: canonicalEmail(email),
    email,
    reason,
    ...(cause !== undefined && { cause }),
    ...(changedAt !== undefined &&
      Number.isFinite(changedAt) && { changedAt: new Date(changedAt).toISOString() }),
    ...(knownGuid !== "" && { guid: knownGuid }),
    ...(fields !== undefined && { fields }),
  };
}
