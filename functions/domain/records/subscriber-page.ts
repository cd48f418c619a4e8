import type { RecordBlock } from "./packed-record.ts";

/** One page of the provider's list, packed. Neither rows nor pages have an order. */
export interface SubscriberPage {
  readonly records: RecordBlock;
  /** Whether any row of the page showed a guid. */
  readonly showsGuid: boolean;
  /** Whether any row of the page showed a `data_*` field. */
  readonly showsData: boolean;
}
