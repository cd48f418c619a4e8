import type { OddRow } from "../odd-rows.ts";
import type { RecordBlock } from "./packed-record.ts";

/** One page of the provider's list, packed. Neither rows nor pages have an order. */
export interface SubscriberPage {
  readonly records: RecordBlock;
  /** Rows of the page that are nobody's as they stand, and so have no record. */
  readonly oddRows: readonly OddRow[];
  /** Whether any row of the page showed a guid. */
  readonly showsGuid: boolean;
  /** Whether any row of the page showed a `data_*` field. */
  readonly showsData: boolean;
}
