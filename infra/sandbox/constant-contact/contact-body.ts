import * as z from "zod";
import { type Contact, permissions, type Scalars, type Street, scalarNames } from "./contact.ts";
import type { ContactQuery } from "./contact-query.ts";
import type { CustomFields } from "./custom-fields.ts";
import { countryName, regionName } from "./regions.ts";

const source = z.enum(["Account", "Contact"]);
const text = z.string().max(50).optional();

/** A contact as calls send it: nested, its custom fields by id. */
export const contactBodySchema = z.object({
  email_address: z
    .object({
      address: z.email().max(80),
      permission_to_send: z.enum(permissions).optional(),
      opt_out_reason: z.string().max(255).optional(),
    })
    .optional(),
  create_source: source.optional(),
  update_source: source.optional(),
  first_name: text,
  last_name: text,
  job_title: text,
  company_name: text,
  birthday_month: z.int().min(1).max(12).optional(),
  birthday_day: z.int().min(1).max(31).optional(),
  anniversary: z.string().max(10).optional(),
  custom_fields: z
    .array(z.object({ custom_field_id: z.string(), value: z.string().max(255) }))
    .max(25)
    .optional(),
  list_memberships: z.array(z.uuid()).max(50).optional(),
  taggings: z.array(z.uuid()).max(50).optional(),
  phone_numbers: z
    .array(z.object({ kind: z.enum(["home", "work", "mobile", "other"]), phone_number: z.string().max(25) }))
    .max(3)
    .optional(),
  street_addresses: z
    .array(
      z.object({
        kind: z.enum(["home", "work", "other"]),
        street: z.string().max(255).exactOptional(),
        city: z.string().max(50).exactOptional(),
        state: z.string().max(50).exactOptional(),
        postal_code: z.string().max(50).exactOptional(),
        country: z.string().max(50).exactOptional(),
      }),
    )
    .max(3)
    .optional(),
});

export type ContactBody = z.infer<typeof contactBodySchema>;

type SubResources = Partial<
  Pick<Contact, "custom_fields" | "list_memberships" | "taggings" | "phone_numbers" | "street_addresses">
>;

/** The scalars of a body; those that it does not name are undefined. */
export function scalarsOf(body: ContactBody): {
  readonly [name in keyof Scalars]: Scalars[name] | undefined;
} {
  return Object.fromEntries(scalarNames.map((name) => [name, body[name] === "" ? undefined : body[name]]));
}

/** Those that a body sends. */
export function subResourcesOf(body: ContactBody, customFields: CustomFields): SubResources {
  const { custom_fields, list_memberships, taggings, phone_numbers, street_addresses } = body;
  const named = custom_fields?.map(({ custom_field_id, value }) => [
    customFields.get(custom_field_id)?.name,
    value,
  ]);
  return {
    ...(named && { custom_fields: Object.fromEntries(named.filter(([name]) => name !== undefined)) }),
    ...(list_memberships && { list_memberships }),
    ...(taggings && { taggings }),
    ...(phone_numbers && { phone_numbers }),
    ...(street_addresses && { street_addresses: street_addresses.map(writeOut) }),
  };
}

export function namesOfSubResources(body: ContactBody): ContactQuery["include"] {
  const names = [
    "custom_fields",
    "list_memberships",
    "taggings",
    "phone_numbers",
    "street_addresses",
  ] as const;
  return names.filter((name) => body[name] !== undefined);
}

function writeOut({ state, country, ...street }: Street): Street {
  return {
    ...street,
    ...(state !== undefined && { state: regionName(state) }),
    ...(country !== undefined && { country: countryName(country) }),
  };
}
