import type { Comparable } from "./differing-fields.ts";

/** What the list's configuration, the source and the provider's pages leave to choose. */
export interface Policy {
  /** What becomes of a subscribed address that the database does not have. */
  readonly onlyAtProvider: "unsubscribe" | "keep" | "return";
  /** Whether a bounced address that the database still has is tried again. */
  readonly resubscribeBounced: boolean;
  /** Which unsubscriptions by the publisher are lifted without a newer consent. */
  readonly resubscribePublisher: "ours" | "always";
  readonly comparable: Comparable;
  /** Whether the provider can be made to empty a field. */
  readonly clearsFields: boolean;
  /** The fields (`data_*`) in which the provider is right: they are not sent to it, but returned. */
  readonly providerFields: readonly string[];
  /** Whether the source has a column of consents. */
  readonly givesConsents: boolean;
  /** The time (ms since the epoch) whose state of the database the source shows. */
  readonly sourceReadAt: number;
  /** When the source was read last: later than `sourceReadAt` if the list was read again, or a plan is approved. */
  readonly lastReadAt: number;
  /** For how long (ms) an address that the database lacks is left alone after it subscribed at the provider. */
  readonly graceMs: number;
}
