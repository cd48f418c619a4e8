import type { RejectedRow } from "../domain/quarantined-row.ts";
import { packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import { PlainRowPacker } from "./plain-row-packer.ts";
import type { RowParser } from "./row-parser.ts";
import type { OpenSource } from "./source.ts";
import type { SourceBatch } from "./source-batch.ts";
import type { DesiredBlock } from "./source-reading.ts";

/** Far more than a reader's fields take, and little enough for every buffer that a row goes through. */
const maxRowBytes = 1 << 18;
/** An address, an id and an answer are whole within it. */
const maxBytesOfRejected = 1 << 14;

/**
 * Packs all rows of a source, a block for each batch. A row that is plain goes from bytes to bytes; the parser says what
 * any other one means.
 *
 * @throws SourceError when the source fails
 */
export async function* packBatches(source: OpenSource, parser: RowParser): AsyncGenerator<DesiredBlock> {
  const writer = new RecordWriter();
  const plain = new PlainRowPacker(writer, parser);
  for await (const batch of source.batches()) yield packBatch(batch, { parser, plain, writer });
}

function packBatch(
  batch: SourceBatch,
  { parser, plain, writer }: { parser: RowParser; plain: PlainRowPacker; writer: RecordWriter },
): DesiredBlock {
  const rejected: RejectedRow[] = [];
  const unreadableConsents: string[] = [];
  while (batch.next()) {
    if (batch.rowSize > maxRowBytes) {
      const reason = `the row is larger than ${maxRowBytes} bytes, most of all its ${largestColumn(batch, parser)}`;
      rejected.push(parser.reject(batch.row(maxBytesOfRejected), reason, batch.place()));
      continue;
    }
    if (plain.pack(batch)) continue;
    const row = batch.row();
    const parsed = parser.parse(row, () => batch.place());
    if ("reason" in parsed) {
      rejected.push(parsed);
      continue;
    }
    if (parsed.consentedAt === undefined && parser.claimsConsent(row)) unreadableConsents.push(batch.place());
    packDesired(writer, parser.fieldColumns, parsed);
  }
  return { records: writer.finish(), rejected, unreadableConsents };
}

function largestColumn(batch: SourceBatch, { positions }: RowParser): string {
  const bySize = [...positions].sort(([, one], [, other]) => batch.sizeOf(other) - batch.sizeOf(one));
  return bySize[0]?.[0] ?? "";
}
