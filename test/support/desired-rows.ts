import type { RejectedRow } from "../../functions/domain/quarantined-row.ts";
import { packDesired } from "../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../functions/domain/records/record-writer.ts";
import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";

/** A row of a test's source: only the fields that matter to the test. */
export type DesiredRow = Partial<DesiredSubscriber> & {
  readonly email: string;
};

export function desired(row: DesiredRow): DesiredSubscriber {
  return { subscribed: true, fields: {}, ...row };
}

export interface SourceSettings {
  readonly columns: readonly string[];
  readonly givesConsents: boolean;
  readonly readAt: number;
  /** Rows that the source's reader has set aside. */
  readonly rejected: readonly RejectedRow[];
  /** Places of rows whose consent is not believed. */
  readonly unreadableConsents: readonly string[];
}

/** A source with these rows, two per block. */
export function sourceOf(
  rows: readonly DesiredRow[],
  {
    columns = ["guid", "data_firstname"],
    givesConsents = true,
    readAt = Date.UTC(2026, 5, 1),
    rejected = [],
    unreadableConsents = [],
  }: Partial<SourceSettings> = {},
): SourceReading {
  return {
    columns,
    givesConsents,
    readAt,
    async *blocks() {
      const writer = new RecordWriter(64);
      for (const [index, row] of rows.entries()) {
        packDesired(writer, columns, desired(row));
        if (index % 2 === 1) yield { records: writer.finish(), rejected: [], unreadableConsents: [] };
      }
      yield { records: writer.finish(), rejected, unreadableConsents };
    },
    async close() {},
  };
}
