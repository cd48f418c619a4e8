import * as z from "zod";

/** Why a reader was unsubscribed, as a database is told; whatever else a provider says is `UNKNOWN`. */
export const toldCauses = ["READER", "PUBLISHER", "HARD_BOUNCE", "MULTIPLE_BOUNCES", "UNKNOWN"] as const;
export const toldCauseSchema = z.enum(toldCauses);
export type ToldCause = z.infer<typeof toldCauseSchema>;

/** Why an address is not subscribed at a provider, as far as the domain tells it apart. */
export const unsubscribeCauses = [
  ...toldCauses,
  /** Unsubscribed from everything, by the reader or by the publisher: nothing that a run may do lifts it. */
  "READER_FINAL",
  "PUBLISHER_FINAL",
  /** Not on the list, and may have left it before that was watched. */
  "MAY_HAVE_LEFT",
  /** Known to the provider, but not to be mailed: on hold, asked to confirm, without a permission, deleted. */
  "TEMP_HOLD",
  "PENDING",
  "NOT_SET",
  "DELETED",
  /** The same of a member of the list, who may be mailed once that ends. */
  "TEMP_HOLD_MEMBER",
  "PENDING_MEMBER",
  "NOT_SET_MEMBER",
] as const;
export const unsubscribeCauseSchema = z.enum(unsubscribeCauses);
export type UnsubscribeCause = z.infer<typeof unsubscribeCauseSchema>;

/** What a database is told of a cause; undefined if that is nothing. */
export function toldCause(cause: UnsubscribeCause = "UNKNOWN"): ToldCause | undefined {
  if (cause === "READER_FINAL") return "READER";
  if (cause === "PUBLISHER_FINAL") return "PUBLISHER";
  return toldCauses.find((told) => told === cause);
}

export function isFinal(cause: UnsubscribeCause | undefined): boolean {
  return cause === "READER_FINAL" || cause === "PUBLISHER_FINAL";
}

/** Whether an address that is not to be mailed is on the list all the same. */
export function isHeldMember(cause: UnsubscribeCause | undefined): boolean {
  return cause === "TEMP_HOLD_MEMBER" || cause === "PENDING_MEMBER" || cause === "NOT_SET_MEMBER";
}

/** By the reader, by a complaint, or for a reason that nobody knows. */
export function isOptOut(cause: UnsubscribeCause | undefined): boolean {
  const told = toldCause(cause);
  return told === "READER" || told === "UNKNOWN";
}

export function isBounce(cause: UnsubscribeCause | undefined): boolean {
  return cause === "HARD_BOUNCE" || cause === "MULTIPLE_BOUNCES";
}

/** The causes that a publisher may send with an unsubscription. */
export const sentCauseSchema = z.enum(["READER", "PUBLISHER"]);
type SentCause = z.infer<typeof sentCauseSchema>;

/** The fields that follow the database beside the status: `guid` and `data_*`, by name; "" is no value. */
export type Fields = Readonly<Record<string, string>>;

/** What the provider holds of one address. */
export interface CurrentSubscriber {
  /** As the provider spells it. */
  readonly email: string;
  readonly subscribed: boolean;
  /** Only of an unsubscribed address. */
  readonly cause?: UnsubscribeCause;
  /** When it was unsubscribed, in ms since the epoch; absent when the provider does not say. */
  readonly unsubscribedAt?: number;
  /**
   * Only of a subscribed address: when it subscribed, in ms since the epoch; absent when the provider does not say. If
   * that is long ago, it may be the start of that day.
   */
  readonly subscribedAt?: number;
  readonly fields: Fields;
}

/** What the publisher's database wants of one address. */
export interface DesiredSubscriber {
  /** As the database spells it, trimmed. */
  readonly email: string;
  /** Undefined when the database has not decided: then the address is left as it is. */
  readonly subscribed: boolean | undefined;
  /** Only of an unsubscribed address. */
  readonly cause?: SentCause;
  /** When the reader consented, in ms since the epoch; absent when the source does not say, or says what cannot be. */
  readonly consentedAt?: number;
  readonly fields: Fields;
}
