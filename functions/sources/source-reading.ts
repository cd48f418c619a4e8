import type { RejectedRow } from "../domain/quarantined-row.ts";
import type { RecordBlock } from "../domain/records/packed-record.ts";

/** Some rows of a source: the desired subscribers, packed, and the rows that cannot be anyone's. */
export interface DesiredBlock {
  readonly records: RecordBlock;
  readonly rejected: readonly RejectedRow[];
  /** The places, as in `row 2`, of rows that go without a consent because what they give for one cannot be. */
  readonly unreadableConsents: readonly string[];
}

/** A source as a job reads it. */
export interface SourceReading {
  /** The fields of the records, in their order: `guid` and `data_*`. */
  readonly columns: readonly string[];
  /** Whether the source has a column of consents. */
  readonly givesConsents: boolean;
  /** The time (ms since the epoch) of the state of the database that the rows show. */
  readonly readAt: number;
  /** Can be read once. @throws SourceError when the source fails or has no rows */
  blocks(): AsyncIterable<DesiredBlock>;
  /** Stops reading, whether or not all rows were read. */
  close(): Promise<void>;
}
