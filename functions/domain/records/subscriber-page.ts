import type { RecordBlock } from "./packed-record.ts";

/** One page of what the provider holds, packed; rows stand in any order, and so do pages. */
export interface SubscriberPage {
  readonly records: RecordBlock;
  /** Whether any row of the page showed a guid. */
  readonly showsGuid: boolean;
  /** Whether any row of the page showed a `data_*` field. */
  readonly showsData: boolean;
}
