import type { CurrentSubscriber, DesiredSubscriber, Fields } from "./subscriber.ts";

/** Which fields the provider shows at all: a field that it never shows cannot be compared. */
export interface Comparable {
  readonly guid: boolean;
  readonly data: boolean;
}

/** The fields to send. An empty guid of the source asks for nothing; an empty `data_*` clears what the provider has. */
export function differingFields(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  comparable: Comparable,
): Fields {
  const differs = ([name, value]: [string, string]) =>
    value !== (current.fields[name] ?? "") &&
    (name === "guid" ? comparable.guid && value !== "" : comparable.data);
  return Object.fromEntries(Object.entries(desired.fields).filter(differs));
}
