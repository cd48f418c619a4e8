import { sawOf } from "./decide.ts";
import { canonicalEmail } from "./email.ts";
import type { Change } from "./plan.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";
import { unpackCurrent } from "./unpack-subscriber.ts";

/** Whether the provider no longer holds of an address what the plan saw when it was made. */
export function isStale(change: Change, index: SubscriberIndex): boolean {
  const canonical = canonicalEmail(change.email);
  if (change.saw === null) return index.has(canonical);
  const entry = index.find(canonical, change.email);
  if (entry === undefined) return true;
  const sees = sawOf(
    unpackCurrent(index.records.bytesOf(entry), index.records.offsetOf(entry), index.columns),
  );
  const { saw } = change;
  return (
    saw.subscribed !== sees.subscribed ||
    saw.cause !== sees.cause ||
    saw.unsubscribedAt !== sees.unsubscribedAt ||
    index.columns.some((column) => saw.fields[column] !== sees.fields[column])
  );
}
