import {
  type CurrentSubscriber,
  type DesiredSubscriber,
  type Fields,
  sentCauseSchema,
  type UnsubscribeCause,
  unsubscribeCauses,
} from "../subscriber.ts";
import {
  type CauseCode,
  causeAt,
  flags,
  layout,
  type StatusCode,
  statusAt,
  statusCodes,
  timeAt,
} from "./packed-record.ts";
import { TextCursor } from "./text-cursor.ts";

/** The inverse of `causeCode`. */
export function unpackCause(code: CauseCode): UnsubscribeCause | undefined {
  return unsubscribeCauses[code - 1];
}

/** Reads a packed record of the provider's side; the inverse of `packCurrent`. */
export function unpackCurrent(
  bytes: Uint8Array,
  start: number,
  columns: readonly string[],
): CurrentSubscriber {
  const subscribed = statusAt(bytes, start) === statusCodes.subscribed;
  const cause = unpackCause(causeAt(bytes, start));
  const time = timeAt(bytes, start);
  return {
    ...unpackTexts(bytes, start, columns),
    subscribed,
    ...(!subscribed && cause !== undefined && { cause }),
    ...(!Number.isNaN(time) && { [subscribed ? "subscribedAt" : "unsubscribedAt"]: time }),
  };
}

/** Reads a packed record of the source's side; the inverse of `packDesired`. */
export function unpackDesired(
  bytes: Uint8Array,
  start: number,
  columns: readonly string[],
): DesiredSubscriber {
  const consentedAt = timeAt(bytes, start);
  const cause = sentCauseSchema.safeParse(unpackCause(causeAt(bytes, start)));
  const { email, fields } = unpackTexts(bytes, start, columns);
  return {
    email,
    fields: hasFlag(bytes, start, flags.guidWithheld) ? { ...fields, guid: "" } : fields,
    subscribed: unpackDesiredStatus(statusAt(bytes, start)),
    ...(cause.success && { cause: cause.data }),
    ...(!Number.isNaN(consentedAt) && { consentedAt }),
  };
}

/** The inverse of `desiredStatus`: undefined is undecided. */
export function unpackDesiredStatus(status: StatusCode): boolean | undefined {
  return status === statusCodes.undecided ? undefined : status === statusCodes.subscribed;
}

function unpackTexts(
  bytes: Uint8Array,
  start: number,
  columns: readonly string[],
): { email: string; fields: Fields } {
  const cursor = new TextCursor().open(bytes, start);
  const key = cursor.read().toString();
  const email = cursor.read().toString() || key;
  const fields: Record<string, string> = {};
  for (const column of columns) fields[column] = cursor.read().toString();
  return { email, fields };
}

function hasFlag(bytes: Uint8Array, start: number, flag: number): boolean {
  return (bytes[start + layout.flags]! & flag) !== 0;
}
