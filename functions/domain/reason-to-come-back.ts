import type { Circumstances } from "./circumstances.ts";
import type { Kept } from "./plan.ts";
import type { Policy } from "./policy.ts";
import {
  type CurrentSubscriber,
  type DesiredSubscriber,
  toldCause,
  type UnsubscribeCause,
} from "./subscriber.ts";

/** As what an address is kept that no consent brings back. */
const neverLifted: Readonly<Partial<Record<UnsubscribeCause, Kept>>> = {
  READER_FINAL: "optedOut",
  PUBLISHER_FINAL: "publisher",
  TEMP_HOLD: "tempHold",
  TEMP_HOLD_MEMBER: "tempHold",
  PENDING: "pending",
  PENDING_MEMBER: "pending",
  NOT_SET: "notSet",
  NOT_SET_MEMBER: "notSet",
  DELETED: "deleted",
};

/**
 * Whether an unsubscription alone, and one that no run of ours can have made, keeps a reader out whom the database wants, and is
 * told of it.
 */
export function keepsOut(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  policy: Policy,
  circumstances: Circumstances,
): boolean {
  if (current.cause === "PUBLISHER" && circumstances.mayBeOurs) return false;
  if (toldCause(current.cause) === undefined) return false;
  return "kept" in reasonToComeBack(current, desired, policy, circumstances);
}

/** Why an unsubscription may be lifted, as far as this spelling tells; else why the address is kept. */
export function reasonToComeBack(
  current: CurrentSubscriber,
  { consentedAt }: DesiredSubscriber,
  policy: Policy,
  { isOurs }: Circumstances,
): { readonly lifts: string } | { readonly kept: Kept } {
  const { cause = "UNKNOWN" } = current;
  const kept = neverLifted[cause];
  if (kept !== undefined) return { kept };
  const hasConsented = isNewer(consentedAt, current.unsubscribedAt ?? Number.POSITIVE_INFINITY);
  switch (cause) {
    case "PUBLISHER":
      if (policy.resubscribePublisher === "always") return { lifts: "the publisher had unsubscribed it" };
      if (hasConsented) return { lifts: "consented again since the publisher unsubscribed it" };
      if (!policy.givesConsents && isOurs) return { lifts: "a run had unsubscribed it" };
      return { kept: "publisher" };
    case "HARD_BOUNCE":
    case "MULTIPLE_BOUNCES":
      if (policy.resubscribeBounced) return { lifts: "bounced addresses are to be tried again" };
      return { kept: "bounced" };
    case "MAY_HAVE_LEFT":
      return hasConsented ? { lifts: "consented since it may have left" } : { kept: "mayHaveLeft" };
    default:
      return hasConsented ? { lifts: "consented again since it was unsubscribed" } : { kept: "optedOut" };
  }
}

export function isNewer(consentedAt: number | undefined, than: number): boolean {
  return consentedAt !== undefined && consentedAt > than;
}
