import { deduplicate, desiredRecords } from "../domain/diff/deduplicate.ts";
import { PositionList } from "../domain/diff/position-list.ts";
import type { Position } from "../domain/diff/record-arena.ts";
import { withholdSharedGuids } from "../domain/diff/withhold-shared-guids.ts";
import { canonicalEmail, isDeliverable } from "../domain/email.ts";
import { fieldText, recordEnd, textsOf } from "../domain/records/packed-record.ts";
import { TextCursor } from "../domain/records/text-cursor.ts";
import type { DesiredSubscriber } from "../domain/subscriber.ts";
import type { Run } from "../platform/run.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { RecordParts } from "./record-parts.ts";
import type { ImportReport } from "./report.ts";

const rowsTogether = 1000;

export interface WantedRowsOptions {
  /** For the parts; removed by whoever made it. */
  readonly folder: string;
  readonly quarantine: Quarantine;
  /** Counted up as rows are read; complete at the end. */
  readonly counts: ImportReport["rows"];
}

/**
 * The subscribers that a source wants, each address and each guid once, some at a time and in no order. On the disk,
 * rows are partitioned by address and then by guid, so that rows that may be equal are compared together and memory
 * does not grow with the list.
 */
export async function* wantedRows(
  source: SourceReading,
  options: WantedRowsOptions,
  run: Run<ImportReport>,
): AsyncGenerator<DesiredSubscriber[]> {
  const byAddress = await partByAddress(source, options, run);
  const byGuid = await partByGuid(byAddress, source.columns, options, run);
  const { counts, quarantine } = options;
  for await (const block of byGuid.read()) {
    const index = deduplicate(block, source.columns);
    const claimOf = (entry: Position) => (isImported(index.unpackDesired(entry)) ? "sent" : "none");
    const entries = new PositionList();
    index.forEachEntry((entry) => entries.push(entry));
    counts.sharedGuids += withholdSharedGuids(index, entries, claimOf);
    let rows: DesiredSubscriber[] = [];
    for (const position of desiredRecords(index)) {
      const row = index.unpackDesired(position);
      if (!isImported(row)) {
        counts.rejected++;
        await quarantine.add({ email: row.email, reason: "no provider takes this e-mail address" });
        continue;
      }
      counts[row.subscribed ? "active" : "unsubscribed"]++;
      if (rows.push(row) < rowsTogether) continue;
      run.signal.throwIfAborted();
      yield rows;
      rows = [];
    }
    if (rows.length > 0) yield rows;
  }
}

function isImported({ email }: DesiredSubscriber): boolean {
  return isDeliverable(canonicalEmail(email));
}

async function partByAddress(
  source: SourceReading,
  { folder, quarantine, counts }: WantedRowsOptions,
  run: Run<ImportReport>,
): Promise<RecordParts> {
  const parts = new RecordParts(folder, "address");
  const key = new TextCursor();
  const textCount = textsOf(source.columns);
  let read = 0;
  for await (const { records, rejected } of source.blocks()) {
    run.signal.throwIfAborted();
    const { bytes, count } = records;
    for (let start = 0, left = count; left > 0; left--) {
      const end = recordEnd(bytes, start, textCount);
      parts.add(key.open(bytes, start).read().hash(), { bytes, start, end });
      start = end;
    }
    await parts.write();
    for (const row of rejected) await quarantine.add(row);
    counts.rejected += rejected.length;
    read += count + rejected.length;
    run.progress("reading the source", read);
  }
  return parts;
}

/** Takes each address once; a row without a guid goes by the hash of its address. */
async function partByGuid(
  byAddress: RecordParts,
  columns: readonly string[],
  { folder, quarantine, counts }: WantedRowsOptions,
  run: Run<ImportReport>,
): Promise<RecordParts> {
  const parts = new RecordParts(folder, "guid");
  const cursor = new TextCursor();
  const guidText = fieldText(columns, "guid");
  for await (const block of byAddress.read()) {
    run.signal.throwIfAborted();
    const duplicates: string[] = [];
    const index = deduplicate(block, columns, (email) => duplicates.push(email));
    const { records } = index;
    for (const position of desiredRecords(index)) {
      const bytes = records.bytesOf(position);
      const start = records.offsetOf(position);
      if (guidText !== undefined) cursor.open(bytes, start).forward(guidText);
      if (guidText === undefined || cursor.length === 0) cursor.open(bytes, start).read();
      parts.add(cursor.hash(), { bytes, start, end: recordEnd(bytes, start, textsOf(columns)) });
    }
    await parts.write();
    counts.duplicates += duplicates.length;
    for (const email of duplicates) {
      await quarantine.add({ email, reason: "another row of this e-mail address counts" });
    }
  }
  return parts;
}
