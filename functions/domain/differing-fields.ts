import type { CurrentSubscriber, DesiredSubscriber, Fields } from "./subscriber.ts";

/** Which fields the provider shows at all: a field that it never shows cannot be compared. */
export interface Comparable {
  readonly guid: boolean;
  readonly data: boolean;
}

interface FieldRules {
  readonly comparable: Comparable;
  readonly providerFields: readonly string[];
}

/**
 * The fields to send. An empty guid of the source asks for nothing; an empty `data_*` clears what the provider has. What
 * the provider owns is not sent.
 */
export function differingFields(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  { comparable, providerFields }: FieldRules,
): Fields {
  const differs = ([name, value]: [string, string]) =>
    value !== (current.fields[name] ?? "") &&
    !providerFields.includes(name) &&
    (name === "guid" ? comparable.guid && value !== "" : comparable.data);
  return Object.fromEntries(Object.entries(desired.fields).filter(differs));
}
