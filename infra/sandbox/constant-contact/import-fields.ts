import { type Contact, type Phone, type Scalars, type Street, scalarNames } from "./contact.ts";
import type { ImportRow } from "./import-rows.ts";
import { countryName, regionName } from "./regions.ts";

type Fields = { readonly [name in keyof Scalars]: Scalars[name] | undefined } & Partial<
  Pick<Contact, "custom_fields" | "phone_numbers" | "street_addresses">
>;

/** In imports, parts of an address have names of their own. */
const streetParts: Readonly<Record<string, keyof Street>> = {
  street: "street",
  city: "city",
  state: "state",
  zip: "postal_code",
  country: "country",
};

const numbers: readonly string[] = ["birthday_month", "birthday_day"];

/**
 * What a row changes of a contact: nothing but what it names.
 *
 * @param clears whether an empty text takes a value away
 */
export function fieldsOf(row: ImportRow, contact: Contact | undefined, clears: boolean): Fields {
  const values = Object.entries(row)
    .map(([name, value]) => [name, String(value ?? "").trim()] as const)
    .filter(([, value]) => clears || value !== "");
  const scalars = values.filter(([name]) => scalarNames.some((known) => known === name));
  const custom = values.filter(([name]) => name.startsWith("cf:"));
  const phones = values.filter(([name]) => /^(home_|work_|mobile_|other_)?phone$/.test(name));
  const streets = values.filter(([name]) => streetPartOf(name) !== undefined);
  return {
    ...(Object.fromEntries(
      scalars.map(([name, value]) => [name, scalarOf(name, value)]),
    ) as Partial<Scalars>),
    ...(custom.length > 0 && { custom_fields: mergeCustomFields(contact?.custom_fields ?? {}, custom) }),
    ...(phones.length > 0 && { phone_numbers: mergePhones(contact?.phone_numbers ?? [], phones) }),
    ...(streets.length > 0 && { street_addresses: mergeStreets(contact?.street_addresses ?? [], streets) }),
  };
}

type Values = readonly (readonly [string, string])[];

function scalarOf(name: string, value: string): string | number | undefined {
  if (value === "") return undefined;
  return numbers.includes(name) ? Number(value) : value;
}

function mergeCustomFields(known: Contact["custom_fields"], values: Values): Contact["custom_fields"] {
  const merged = { ...known, ...Object.fromEntries(values.map(([name, value]) => [name.slice(3), value])) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}

function mergePhones(known: readonly Phone[], values: Values): Phone[] {
  const merged = new Map(known.map((phone) => [phone.kind, phone]));
  for (const [name, phone_number] of values) {
    const kind = (name === "phone" ? "other" : name.replace("_phone", "")) as Phone["kind"];
    if (phone_number === "") merged.delete(kind);
    else merged.set(kind, { kind, phone_number });
  }
  return [...merged.values()];
}

function mergeStreets(known: readonly Street[], values: Values): Street[] {
  const merged = new Map(known.map((street) => [street.kind, street]));
  for (const [name, value] of values) {
    const { kind, part } = streetPartOf(name)!;
    merged.set(kind, { ...(merged.get(kind) ?? { kind }), [part]: expand(part, value) });
  }
  return [...merged.values()];
}

function streetPartOf(
  name: string,
): { readonly kind: Street["kind"]; readonly part: keyof Street } | undefined {
  const [, prefix = "home_", bare = ""] = /^(home_|work_|other_)?(.+)$/.exec(name) ?? [];
  const part = streetParts[bare];
  return part && { kind: prefix.slice(0, -1) as Street["kind"], part };
}

const expand = (part: keyof Street, value: string): string =>
  part === "state" ? regionName(value) : part === "country" ? countryName(value) : value;
