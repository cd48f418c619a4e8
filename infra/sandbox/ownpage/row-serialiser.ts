import type { Dialect } from "./sandbox-options.ts";
import { documentedFields, type Subscriber } from "./subscriber.ts";

const bareFields = ["email", "guid", "subscribed", "subscribed_at"];
const minimalFields = [...bareFields, "unsubscribed_at", "unsubscribed_cause"];

/** Serialises a subscriber as the dialect does. */
export function rowSerialiser(
  dialect: Pick<Dialect, "minimalRows" | "returnsData" | "absentFields" | "isAnonymous">,
): (subscriber: Subscriber) => string {
  const { minimalRows, returnsData, absentFields, isAnonymous } = dialect;
  const fields = minimalRows === "bare" ? bareFields : minimalRows ? minimalFields : documentedFields;
  const shown = minimalRows || !returnsData ? fields : undefined;
  const blank = Object.fromEntries(fields.map((field) => [field, null]));
  const absent = absentFields === "null" ? blank : {};
  return (subscriber) => {
    const email = isAnonymous(subscriber.email) ? null : subscriber.email;
    return JSON.stringify({ ...absent, ...subscriber, email }, shown);
  };
}
