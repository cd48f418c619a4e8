import { textsOf } from "../../functions/domain/records/packed-record.ts";
import { TextCursor } from "../../functions/domain/records/text-cursor.ts";
import { unpackDesired } from "../../functions/domain/records/unpack-subscriber.ts";
import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import type { SourceConfiguration } from "../../functions/sources/source.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import { readSourceInThread } from "../../functions/sources/source-thread.ts";
import { writeCsv } from "./csv/csv-files.ts";
import { database } from "./database.ts";

const never = new AbortController().signal;
const readOwnSecret = async (): Promise<unknown> => database.server.secret;

export function openInThread(
  configuration: SourceConfiguration,
  { readAheadBytes = 24_000_000, readSecret = readOwnSecret, maxHeapMegabytes = 192, signal = never } = {},
) {
  const timeZone = "Europe/Paris";
  return readSourceInThread({
    configuration,
    timeZone,
    readSecret,
    readAheadBytes,
    maxHeapMegabytes,
    signal,
  });
}

export function queryOf(query: string): SourceConfiguration {
  return { kind: "postgres", secret: "newsletter-sync/database", query };
}

/** A query of this many readers. */
export function readers(count: number): SourceConfiguration {
  return queryOf(`select 'r' || i || '@example.fr' as email from generate_series(1, ${count}) i`);
}

export function csvOf(content: string): SourceConfiguration & { kind: "csv" } {
  return csvAt(writeCsv(content));
}

export function csvAt(uri: string): SourceConfiguration & { kind: "csv" } {
  return { kind: "csv", uri, encoding: "utf-8", maxAgeHours: 1 };
}

/** Reads and unpacks all blocks. */
export async function readThread(source: SourceReading) {
  const subscribers: DesiredSubscriber[] = [];
  const rejected: unknown[] = [];
  const unreadableConsents: string[] = [];
  let rows = 0;
  for await (const block of source.blocks()) {
    const { bytes, count } = block.records;
    const cursor = new TextCursor();
    for (let position = 0, record = 0; record < count; record++, position = cursor.end) {
      subscribers.push(unpackDesired(bytes, position, source.columns));
      cursor.open(bytes, position).forward(textsOf(source.columns));
    }
    rejected.push(...block.rejected);
    unreadableConsents.push(...block.unreadableConsents);
    rows += block.records.count + block.rejected.length;
  }
  return { subscribers, rejected, unreadableConsents, rows };
}
