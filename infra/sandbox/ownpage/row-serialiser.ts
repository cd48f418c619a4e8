import type { Dialect } from "./sandbox-options.ts";
import { documentedFields, type Subscriber } from "./subscriber.ts";

const bareFields = ["email", "guid", "subscribed", "subscribed_at"];
const minimalFields = [...bareFields, "unsubscribed_at", "unsubscribed_cause"];

/** Serialises a subscriber as the dialect does. */
export function rowSerialiser(
  dialect: Pick<Dialect, "minimalRows" | "returnsData" | "absentFields">,
): (subscriber: Subscriber) => string {
  const { minimalRows, returnsData, absentFields } = dialect;
  const fields = minimalRows === "bare" ? bareFields : minimalRows ? minimalFields : documentedFields;
  const shown = minimalRows || !returnsData ? fields : undefined;
  const blank = Object.fromEntries(fields.map((field) => [field, null]));
  return absentFields === "null"
    ? (subscriber) => JSON.stringify({ ...blank, ...subscriber }, shown)
    : (subscriber) => JSON.stringify(subscriber, shown);
}
