import { packCurrent } from "../../../domain/records/pack-subscriber.ts";
import type { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import {
  type CurrentSubscriber,
  type UnsubscribeCause,
  unsubscribeCauses,
} from "../../../domain/subscriber.ts";
import { HttpFault } from "../../../platform/http/http-fault.ts";
import { expectShape, parseJson } from "../../../platform/http/http-json.ts";
import { parseInstant } from "../../../platform/parse-instant.ts";
import { pageSchema, type SubscriberRow } from "../answers.ts";

const dayMs = 86_400_000;
/** Outside these years no text is a time. */
const earliest = Date.UTC(1000, 0, 2);
const latest = Date.UTC(10_000, 0, 1);

/** How a page is read. */
export interface PageOptions {
  /** The fields to pack, in this order. */
  readonly columns: readonly string[];
  /** Times of subscription from this one on (ms since the epoch) are exact; of earlier ones, the day is enough. */
  readonly subscribedSince: number;
  /** The zone of times without an offset: the documentation names none. */
  readonly timeZone: string;
}

/**
 * Packs a page with JSON.parse and zod. This defines what a page means, however it is written.
 *
 * @throws HttpFault when the body is not a JSON array of subscribers: a broken page is never an empty one
 */
export function packRows(writer: RecordWriter, bytes: Uint8Array, options: PageOptions): SubscriberPage {
  const page = { showsGuid: false, showsData: false };
  const rows = rowsOf(bytes, options);
  // All are parsed before any is packed: a page with a fault must leave nothing in the writer.
  const subscribers = rows.map((row) => subscriberOf(row, options));
  for (const [index, row] of rows.entries()) {
    packCurrent(writer, options.columns, subscribers[index]!);
    const names = Object.keys(row);
    page.showsGuid ||= names.includes("guid");
    page.showsData ||= names.some((name) => name.startsWith("data_"));
  }
  return { ...page, records: writer.finish() };
}

/** Parsed a second time when a column holds numbers: JSON.parse with a reviver takes six times as long. */
function rowsOf(bytes: Uint8Array, { columns }: PageOptions): SubscriberRow[] {
  const rows = expectShape(pageSchema, parseJson(bytes));
  const holdsNumbers = rows.some((row) => columns.some((column) => typeof row[column] === "number"));
  return holdsNumbers ? expectShape(pageSchema, parseJson(bytes, keepNumber)) : rows;
}

/** Without `subscribed`, a row is unsubscribed if it says when or why, and subscribed otherwise. */
export function subscriberOf(
  row: SubscriberRow,
  { columns, subscribedSince, timeZone }: PageOptions,
): CurrentSubscriber {
  const subscribed = row.subscribed ?? !(row.unsubscribed_at || row.unsubscribed_cause);
  const current = {
    email: row.email,
    subscribed,
    fields: Object.fromEntries(columns.map((column) => [column, textOf(row[column])])),
  };
  if (subscribed) {
    const subscribedAt = subscriptionTime(row.subscribed_at ?? "", { subscribedSince, timeZone });
    return subscribedAt === undefined ? current : { ...current, subscribedAt };
  }
  const unsubscribedAt = parseInstant(row.unsubscribed_at ?? "", timeZone, "later");
  const cause = causeOf(row.unsubscribed_cause);
  return unsubscribedAt === undefined ? { ...current, cause } : { ...current, cause, unsubscribedAt };
}

/** When it subscribed. Most times are early: of those, the day is taken, which need not be parsed. */
export function subscriptionTime(
  text: string,
  { subscribedSince, timeZone }: Pick<PageOptions, "subscribedSince" | "timeZone">,
): number | undefined {
  const [day, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  if (day === undefined || day >= firstExactDay(subscribedSince)) {
    return parseInstant(text, timeZone, "later");
  }
  return Date.UTC(Number(year), Number(month) - 1, Number(date));
}

/** No zone is a whole day from UTC, so an earlier date than this is too early, whatever the time of day. */
export function firstExactDay(subscribedSince: number): string {
  const since = Math.min(Math.max(subscribedSince, earliest), latest);
  return new Date(since - dayMs).toISOString().slice(0, "YYYY-MM-DD".length);
}

/** A cause that is missing or not documented is UNKNOWN, which the rules treat like the reader's own. */
export function causeOf(stated: string | null | undefined): UnsubscribeCause {
  return unsubscribeCauses.find((cause) => cause === stated) ?? "UNKNOWN";
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch {
    throw new HttpFault("a body with a value that is nested too deep");
  }
}

/** A guid may be a number with more digits than a JavaScript number holds, so it is kept as written. */
function keepNumber(_name: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === "number" && String(value) !== source ? source : value;
}
