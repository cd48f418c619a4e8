import type { Change } from "./plan.ts";

/**
 * A row that is recorded in the quarantine and not sent, or not sent again: the source's or the provider's row is
 * nobody's, or the provider refused the change. Besides plans and imports, the quarantine is the only place that holds addresses.
 */
export interface QuarantinedRow {
  /** As the source or the plan has it, shortened if it is too long to be an address; empty if the row has none. */
  readonly email: string;
  /** May quote the address: never for a log or a report. */
  readonly reason: string;
  /** Where the row stands, as messages name it: `line 3` or `row 2` of the source, or in the provider's list. */
  readonly place?: string;
  /** The change that the provider refused. */
  readonly change?: Change;
}

/** A row of the source that cannot be anyone's as it stands. It leaves its reader as the provider has the reader. */
export interface RejectedRow extends QuarantinedRow {
  /** The reader's id, if the row gives one. */
  readonly guid?: string;
  /** Whether the row says that its reader is unsubscribed: then it protects nobody. */
  readonly unsubscribed: boolean;
}
