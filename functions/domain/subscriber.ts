import * as z from "zod";

/** The causes that the rules distinguish; whatever else a provider says is `UNKNOWN`. */
export const unsubscribeCauses = [
  "READER",
  "PUBLISHER",
  "HARD_BOUNCE",
  "MULTIPLE_BOUNCES",
  "UNKNOWN",
] as const;
export const unsubscribeCauseSchema = z.enum(unsubscribeCauses);
export type UnsubscribeCause = z.infer<typeof unsubscribeCauseSchema>;

/** The causes that a publisher may send with an unsubscription. */
export const sentCauseSchema = z.enum(["READER", "PUBLISHER"]);
type SentCause = z.infer<typeof sentCauseSchema>;

/** What follows the database beside the status: `guid` and `data_*`, by name; "" is no value. */
export type Fields = Readonly<Record<string, string>>;

/** What the provider has of one address. */
export interface CurrentSubscriber {
  /** As the provider spells it. */
  readonly email: string;
  readonly subscribed: boolean;
  /** Only of an unsubscribed address. */
  readonly cause?: UnsubscribeCause;
  /** In ms since the epoch; absent if the provider does not say. Only of an unsubscribed address. */
  readonly unsubscribedAt?: number;
  /** Whether it subscribed after the source was read. */
  readonly recent: boolean;
  readonly fields: Fields;
}

/** What the publisher's database wants of one address. */
export interface DesiredSubscriber {
  /** As the database spells it, trimmed. */
  readonly email: string;
  readonly subscribed: boolean;
  /** Only of an unsubscribed address. */
  readonly cause?: SentCause;
  /** When the reader consented, in ms since the epoch; absent if the source does not say. */
  readonly consentedAt?: number;
  readonly fields: Fields;
}
