import {
  type CurrentSubscriber,
  type DesiredSubscriber,
  type Fields,
  sentCauseSchema,
  type UnsubscribeCause,
  unsubscribeCauses,
} from "../subscriber.ts";
import { flags, layout, statusCodes } from "./packed-record.ts";
import { TextCursor } from "./text-cursor.ts";

/** Reads a packed record of the provider's side; the inverse of `packCurrent`. */
export function unpackCurrent(
  bytes: Uint8Array,
  start: number,
  columns: readonly string[],
): CurrentSubscriber {
  const subscribed = bytes[start + layout.status] === statusCodes.subscribed;
  const cause = causeOf(bytes, start);
  const time = timeOf(bytes, start);
  return {
    ...unpackTexts(bytes, start, columns),
    subscribed,
    recent: (bytes[start + layout.flags]! & flags.recent) !== 0,
    ...(!subscribed && cause !== undefined && { cause }),
    // Of a subscribed address the record's time is the consent's: see `matches.same`.
    ...(!subscribed && time !== undefined && { unsubscribedAt: time }),
  };
}

/** Reads a packed record of the source's side; the inverse of `packDesired`. */
export function unpackDesired(
  bytes: Uint8Array,
  start: number,
  columns: readonly string[],
): DesiredSubscriber {
  const time = timeOf(bytes, start);
  const cause = sentCauseSchema.safeParse(causeOf(bytes, start));
  const { email, fields } = unpackTexts(bytes, start, columns);
  return {
    email,
    fields: (bytes[start + layout.flags]! & flags.guidWithheld) === 0 ? fields : { ...fields, guid: "" },
    subscribed: bytes[start + layout.status] === statusCodes.subscribed,
    ...(cause.success && { cause: cause.data }),
    ...(time !== undefined && { consentedAt: time }),
  };
}

function unpackTexts(bytes: Uint8Array, start: number, columns: readonly string[]) {
  const cursor = new TextCursor().open(bytes, start);
  const key = cursor.read().toString();
  const email = cursor.read().toString() || key;
  const fields: Record<string, string> = {};
  for (const column of columns) fields[column] = cursor.read().toString();
  return { email, fields: fields as Fields };
}

function causeOf(bytes: Uint8Array, start: number): UnsubscribeCause | undefined {
  return unsubscribeCauses[bytes[start + layout.cause]! - 1];
}

function timeOf(bytes: Uint8Array, start: number): number | undefined {
  const time = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(start + layout.time, true);
  return Number.isNaN(time) ? undefined : time;
}
