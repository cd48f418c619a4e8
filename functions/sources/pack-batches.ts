import type { QuarantinedRow } from "../domain/quarantined-row.ts";
import { packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import type { DesiredSubscriber } from "../domain/subscriber.ts";
import type { RowParser } from "./row-parser.ts";
import type { OpenSource, SourceBatch } from "./source.ts";
import type { DesiredBlock } from "./source-reading.ts";

const dayMs = 86_400_000;

interface Packing {
  readonly parser: RowParser;
  readonly writer: RecordWriter;
  /** In ms since the epoch. */
  readonly latestConsent: number;
}

/**
 * Parses and packs all rows of a source, a block for each batch.
 *
 * @throws SourceError when the source fails, or a row has a value that cannot be parsed
 */
export async function* packBatches(source: OpenSource, parser: RowParser): AsyncGenerator<DesiredBlock> {
  const packing = { parser, writer: new RecordWriter(), latestConsent: source.readAt + dayMs };
  for await (const batch of source.batches()) yield packBatch(batch, packing);
}

function packBatch(batch: SourceBatch, { parser, writer, latestConsent }: Packing): DesiredBlock {
  const rejected: QuarantinedRow[] = [];
  for (const [position, row] of batch.rows.entries()) {
    // Not a named function: the bundler would define its name anew for each row, which costs more than the row does.
    const parsed = parser.parse(row, () => batch.placeOf(position));
    if ("reason" in parsed) rejected.push(parsed);
    else packDesired(writer, parser.fieldColumns, withoutFutureConsent(parsed, latestConsent));
  }
  return { records: writer.finish(), rejected };
}

/** A consent in the future is a placeholder, and must not overrule every opt-out for ever. */
function withoutFutureConsent(desired: DesiredSubscriber, latestConsent: number): DesiredSubscriber {
  if (desired.consentedAt === undefined || desired.consentedAt <= latestConsent) return desired;
  const { consentedAt: _, ...rest } = desired;
  return rest;
}
