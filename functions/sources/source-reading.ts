import type { RecordBlock } from "../domain/records/packed-record.ts";

/** A row of the source that can not be anyone's. */
export interface RejectedRow {
  /** How to name the row in a message: `line 3` or `row 2`. */
  readonly place: string;
  readonly reason: string;
  /** What the row has for an address, cut to a length that can be kept. */
  readonly email: string;
}

/** Some rows of a source: what they want, packed, and those that were rejected. */
export interface DesiredBlock {
  readonly records: RecordBlock;
  readonly rejected: readonly RejectedRow[];
}

/** What a list's source wants, as it is being read. */
export interface SourceReading {
  /** The fields of the records, in their order: `guid` and `data_*`. */
  readonly columns: readonly string[];
  /** The time (ms since the epoch) whose state of the database the rows show. */
  readonly readAt: number;
  /** The rows, once. @throws SourceError when the source fails or holds no rows */
  blocks(): AsyncIterable<DesiredBlock>;
  /** Ends the reading, wherever it is. */
  close(): Promise<void>;
}
