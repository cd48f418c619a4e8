import type { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import { type PageOptions, packRows } from "./page-rows.ts";
import { scanPage } from "./page-scanner.ts";

/** Packs the body of a page. @throws HttpFault if it is not a JSON array of subscribers */
export function packPage(writer: RecordWriter, bytes: Uint8Array, options: PageOptions): SubscriberPage {
  return scanPage(writer, bytes, options) ?? packRows(writer, bytes, options);
}
