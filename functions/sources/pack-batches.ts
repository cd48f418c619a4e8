import { packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import type { DesiredSubscriber } from "../domain/subscriber.ts";
import type { DesiredRows } from "./desired-rows.ts";
import type { OpenSource, SourceBatch } from "./source.ts";
import type { DesiredBlock, RejectedRow } from "./source-reading.ts";

const dayMs = 86_400_000;

/**
 * Reads a source to its end, one block for each batch.
 *
 * @throws SourceError when the source fails, or a row holds a value that can not be understood
 */
export async function* desiredBlocks(source: OpenSource, rows: DesiredRows): AsyncGenerator<DesiredBlock> {
  const writer = new RecordWriter();
  const latestConsent = source.readAt + dayMs;
  for await (const batch of source.batches()) yield packBatch(batch, { rows, writer, latestConsent });
}

/** A consent of the future is a placeholder, and must not overrule every opt-out for ever. */
function believable(wanted: DesiredSubscriber, latestConsent: number): DesiredSubscriber {
  if (wanted.consentedAt === undefined || wanted.consentedAt <= latestConsent) return wanted;
  const { consentedAt: _, ...rest } = wanted;
  return rest;
}

function packBatch(
  batch: SourceBatch,
  { rows, writer, latestConsent }: { rows: DesiredRows; writer: RecordWriter; latestConsent: number },
): DesiredBlock {
  const rejected: RejectedRow[] = [];
  for (const [position, row] of batch.rows.entries()) {
    // A function of its own name would cost more than the row: the bundler defines names one by one.
    const wanted = rows.read(row, () => batch.placeOf(position));
    if ("reason" in wanted) rejected.push({ ...wanted, place: batch.placeOf(position) });
    else packDesired(writer, rows.fieldColumns, believable(wanted, latestConsent));
  }
  return { records: writer.finish(), rejected };
}
