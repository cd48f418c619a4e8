import type * as z from "zod";
import type { OddRow } from "../../../domain/odd-rows.ts";
import { packCurrent } from "../../../domain/records/pack-subscriber.ts";
import type { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import {
  type CurrentSubscriber,
  type Fields,
  type ToldCause,
  toldCauses,
} from "../../../domain/subscriber.ts";
import { expectShape, parseJson, type Reviver } from "../../../platform/http/http-json.ts";
import { parseInstant } from "../../../platform/parse-instant.ts";
import { pageSchema, type SubscriberRow, subscriberRowSchema } from "../answers.ts";

const dayMs = 86_400_000;
/** Outside these years no text is a time. */
const earliest = Date.UTC(1000, 0, 2);
const latest = Date.UTC(10_000, 0, 1);

/** How a row is read. */
export interface RowOptions {
  /** The fields to read, in this order. */
  readonly columns: readonly string[];
  /** Times of subscription from this one on (ms since the epoch) are exact; of earlier ones, the day is enough. */
  readonly subscribedSince: number;
  /** The zone of times without an offset: the documentation names none. */
  readonly timeZone: string;
}

/** How a page is read and packed. */
export interface PageOptions extends RowOptions {
  /** Where in the list the page begins, from 0. */
  readonly offset: number;
}

/** What is odd about a row that has no address. */
export const noAddress = "no address";

/**
 * Packs a page with JSON.parse and zod. This defines what a page means, however it is written.
 *
 * @throws HttpFault when the body is not a JSON array: a broken page is never an empty one
 */
export function packRows(writer: RecordWriter, bytes: Uint8Array, options: PageOptions): SubscriberPage {
  const oddRows: OddRow[] = [];
  const rows = rowsOf(bytes, options);
  for (const [index, row] of rows.entries()) {
    const subscriber = readRow(row, options);
    if (typeof subscriber === "string") oddRows.push(oddRow(index, subscriber, options));
    else packCurrent(writer, options.columns, subscriber);
  }
  return { oddRows, ...shownIn(rows), records: writer.finish() };
}

/** Which fields the rows show. */
export function shownIn(rows: readonly unknown[]): Pick<SubscriberPage, "showsGuid" | "showsData"> {
  const shown = { showsGuid: false, showsData: false };
  for (const row of rows) {
    const names = Object.keys(row ?? {});
    shown.showsGuid ||= names.includes("guid");
    shown.showsData ||= names.some((name) => name.startsWith("data_"));
  }
  return shown;
}

/** @param index the row's place in the page, from 0 */
export function oddRow(index: number, problem: string, { offset }: PageOptions): OddRow {
  return { place: `row ${index + 1} of the page at offset ${offset}`, problem };
}

/** Parsed a second time when a column holds numbers: JSON.parse with a reviver takes six times as long. */
function rowsOf(bytes: Uint8Array, { columns }: PageOptions): unknown[] {
  const rows = expectShape(pageSchema, parseJson(bytes));
  const holdsNumbers = rows.some((row) => columns.some((column) => typeof fieldOf(row, column) === "number"));
  return holdsNumbers ? expectShape(pageSchema, parseJson(bytes, keepNumbers(columns))) : rows;
}

function fieldOf(row: unknown, column: string): unknown {
  return (row as Partial<Record<string, unknown>> | null)?.[column];
}

/** @returns what is odd about the row, if it is not a subscriber's */
export function readRow(value: unknown, options: RowOptions): CurrentSubscriber | string {
  const { data: row, error } = subscriberRowSchema.safeParse(value);
  if (error !== undefined) return problemOf(error);
  const fields = fieldsOf(row, options.columns);
  return fields === undefined ? "nested too deep" : subscriberOf(row, fields, options);
}

function problemOf({ issues }: z.ZodError): string {
  const field = issues[0]?.path[0];
  if (field === undefined) return "not an object";
  return field === "email" ? noAddress : `unreadable ${String(field)}`;
}

/** Without `subscribed`, a row is unsubscribed if it says when or why, and subscribed otherwise. */
function subscriberOf(
  row: SubscriberRow,
  fields: Fields,
  { subscribedSince, timeZone }: RowOptions,
): CurrentSubscriber {
  const subscribed = row.subscribed ?? !(row.unsubscribed_at || row.unsubscribed_cause);
  const current = { email: row.email, subscribed, fields };
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
export function causeOf(stated: string | null | undefined): ToldCause {
  return toldCauses.find((cause) => cause === stated) ?? "UNKNOWN";
}

/** @returns undefined if a value is nested too deep to be written as text */
function fieldsOf(row: SubscriberRow, columns: readonly string[]): Fields | undefined {
  try {
    return Object.fromEntries(columns.map((column) => [column, textOf(row[column])]));
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A guid may be a number with more digits than a JavaScript number holds, so it is kept as written. */
function keepNumbers(columns: readonly string[]): Reviver {
  return (name, value, { source }) =>
    typeof value === "number" && String(value) !== source && columns.includes(name) ? source : value;
}
