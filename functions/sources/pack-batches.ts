import type { RejectedRow } from "../domain/quarantined-row.ts";
import { packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import type { RowParser } from "./row-parser.ts";
import type { OpenSource, SourceBatch } from "./source.ts";
import type { DesiredBlock } from "./source-reading.ts";

/**
 * Parses and packs all rows of a source, a block for each batch.
 *
 * @throws SourceError when the source fails
 */
export async function* packBatches(source: OpenSource, parser: RowParser): AsyncGenerator<DesiredBlock> {
  const writer = new RecordWriter();
  for await (const batch of source.batches()) yield packBatch(batch, { parser, writer });
}

function packBatch(
  batch: SourceBatch,
  { parser, writer }: { parser: RowParser; writer: RecordWriter },
): DesiredBlock {
  const rejected: RejectedRow[] = [];
  const unreadableConsents: string[] = [];
  for (const [position, row] of batch.rows.entries()) {
    // Not a named function: the bundler would define its name anew for each row, which costs more than the row does.
    const parsed = parser.parse(row, () => batch.placeOf(position));
    if ("reason" in parsed) {
      rejected.push(parsed);
      continue;
    }
    if (parsed.consentedAt === undefined && parser.claimsConsent(row))
      unreadableConsents.push(batch.placeOf(position));
    packDesired(writer, parser.fieldColumns, parsed);
  }
  return { records: writer.finish(), rejected, unreadableConsents };
}
