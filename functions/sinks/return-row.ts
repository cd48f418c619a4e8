import type { Return } from "../domain/return.ts";

/** The columns in which every sink writes a return. */
export const returnColumns = ["address", "email", "kind", "cause", "changed_at", "guid", "fields"] as const;

/** What no text of PostgreSQL holds, and no UTF-8: U+0000, and half of a pair of surrogates. */
const unstorable = /[\0\p{Surrogate}]/gu;
const replacement = "\ufffd";

/**
 * The values of a return, in the order of the columns; undefined where it has none. Every one of them can be stored: one
 * odd row must not hold back all others.
 */
export function valuesOf(row: Return): (string | undefined)[] {
  const { address, email, tells, cause, guid } = row;
  return [
    storable(address),
    storable(email),
    tells,
    cause,
    instantOf(row),
    guid && storable(guid),
    jsonOf(row),
  ];
}

function storable(text: string): string {
  return text.replace(unstorable, replacement);
}

/** PostgreSQL knows no year 0, in which some zero of a provider may lie. */
function instantOf({ changedAt }: Return): string | undefined {
  return changedAt?.startsWith("0000") ? undefined : changedAt;
}

function jsonOf({ fields }: Return): string | undefined {
  if (fields === undefined) return undefined;
  return JSON.stringify(
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [storable(name), storable(value)])),
  );
}
