import * as z from "zod";

/** The causes that the domain tells apart; whatever else a provider says is `UNKNOWN`. */
export const unsubscribeCauses = [
  "READER",
  "PUBLISHER",
  "HARD_BOUNCE",
  "MULTIPLE_BOUNCES",
  "UNKNOWN",
  "READER_FINAL",
  "PUBLISHER_FINAL",
  "MAY_HAVE_LEFT",
  "TEMP_HOLD",
  "PENDING",
  "NOT_SET",
  "DELETED",
] as const;
export const unsubscribeCauseSchema = z.enum(unsubscribeCauses);
export type UnsubscribeCause = z.infer<typeof unsubscribeCauseSchema>;

/** By the reader, by a complaint, or for a reason that nobody knows. */
export function isOptOut(cause: UnsubscribeCause | undefined): boolean {
  return cause === undefined || cause === "READER" || cause === "UNKNOWN";
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
