import { canonicalEmail } from "../email.ts";
import type { CurrentSubscriber, DesiredSubscriber, Fields, UnsubscribeCause } from "../subscriber.ts";
import { unsubscribeCauses } from "../subscriber.ts";
import { type CauseCode, type StatusCode, statusCodes } from "./packed-record.ts";
import type { RecordWriter } from "./record-writer.ts";

/** A cause as a packed record holds it; 0 is none. */
export function causeCode(cause: UnsubscribeCause | undefined): CauseCode {
  return (cause === undefined ? 0 : unsubscribeCauses.indexOf(cause) + 1) as CauseCode;
}

/** Appends what the provider has of one address, with its fields in the order of `columns`. */
export function packCurrent(
  writer: RecordWriter,
  columns: readonly string[],
  subscriber: CurrentSubscriber,
): void {
  writer.begin({
    status: subscriber.subscribed ? statusCodes.subscribed : statusCodes.unsubscribed,
    cause: causeCode(subscriber.cause),
    time: (subscriber.subscribed ? subscriber.subscribedAt : subscriber.unsubscribedAt) ?? Number.NaN,
  });
  packTexts(writer, columns, subscriber);
}

/** Appends what the database wants of one address, with its fields in the order of `columns`. */
export function packDesired(
  writer: RecordWriter,
  columns: readonly string[],
  subscriber: DesiredSubscriber,
): void {
  writer.begin({
    status: desiredStatus(subscriber.subscribed),
    cause: causeCode(subscriber.cause),
    time: subscriber.consentedAt ?? Number.NaN,
  });
  packTexts(writer, columns, subscriber);
}

/** Undefined is undecided. */
function desiredStatus(subscribed: boolean | undefined): StatusCode {
  if (subscribed === undefined) return statusCodes.undecided;
  return subscribed ? statusCodes.subscribed : statusCodes.unsubscribed;
}

function packTexts(
  writer: RecordWriter,
  columns: readonly string[],
  { email, fields }: { readonly email: string; readonly fields: Fields },
): void {
  const key = canonicalEmail(email);
  writer.text(key);
  writer.text(email === key ? "" : email);
  for (const column of columns) writer.text(fields[column] ?? "");
}
