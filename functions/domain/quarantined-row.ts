import type { Change } from "./plan.ts";

/**
 * A row that is recorded in the quarantine and not sent, or not sent again: the source's row is nobody's, or the provider
 * refused the change. Besides plans and imports, the quarantine is the only place that holds addresses.
 */
export interface QuarantinedRow {
  /** As the source or the plan has it, shortened if it is too long to be an address. */
  readonly email: string;
  /** May quote the address: never for a log or a report. */
  readonly reason: string;
  /** The row's place in the source, as messages name it: `line 3` or `row 2`. */
  readonly place?: string;
  /** The change that the provider refused. */
  readonly change?: Change;
}
