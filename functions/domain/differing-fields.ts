import type { CurrentSubscriber, DesiredSubscriber, Fields } from "./subscriber.ts";

/** Which fields the provider shows at all: a field that it never shows cannot be compared. */
export interface Comparable {
  readonly guid: boolean;
  readonly data: boolean;
}

interface FieldRules {
  readonly comparable: Comparable;
  readonly clearsFields: boolean;
  readonly providerFields: readonly string[];
}

/**
 * The fields to send. An empty guid of the source asks for nothing; an empty `data_*` clears what the provider has, if
 * anything does. What the provider owns is not sent.
 */
export function differingFields(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  rules: FieldRules,
): Fields {
  const isSent = (field: [string, string]) =>
    differs(field, current, rules) && (rules.clearsFields || field[1] !== "");
  return Object.fromEntries(Object.entries(desired.fields).filter(isSent));
}

/** Whether the database has emptied a field that the provider cannot be made to empty. */
export function keepsEmptied(
  current: CurrentSubscriber,
  desired: DesiredSubscriber,
  rules: FieldRules,
): boolean {
  if (rules.clearsFields) return false;
  return Object.entries(desired.fields).some((field) => field[1] === "" && differs(field, current, rules));
}

function differs(
  [name, value]: [name: string, value: string],
  { fields }: CurrentSubscriber,
  { comparable, providerFields }: FieldRules,
): boolean {
  if (value === (fields[name] ?? "") || providerFields.includes(name)) return false;
  return name === "guid" ? comparable.guid && value !== "" : comparable.data;
}
