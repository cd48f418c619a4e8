import * as z from "zod";
import { wholeSecond } from "./whole-second.ts";

export const permissions = [
  "explicit",
  "implicit",
  "not_set",
  "pending_confirmation",
  "temp_hold",
  "unsubscribed",
] as const;

const source = z.enum(["Account", "Contact"]);
const time = z.iso.datetime({ offset: true }).transform((text) => wholeSecond(text));

const phoneSchema = z.strictObject({
  kind: z.enum(["home", "work", "mobile", "other"]),
  phone_number: z.string(),
});

const streetSchema = z.strictObject({
  kind: z.enum(["home", "work", "other"]),
  street: z.string().exactOptional(),
  city: z.string().exactOptional(),
  state: z.string().exactOptional(),
  postal_code: z.string().exactOptional(),
  country: z.string().exactOptional(),
});

/** The texts and numbers of a contact; one without a value is absent. */
const scalarsSchema = z.strictObject({
  first_name: z.string().exactOptional(),
  last_name: z.string().exactOptional(),
  job_title: z.string().exactOptional(),
  company_name: z.string().exactOptional(),
  birthday_month: z.int().exactOptional(),
  birthday_day: z.int().exactOptional(),
  anniversary: z.string().exactOptional(),
});

/** A contact as it is held: flat, its custom fields by name, and with the lists that it left, which no answer shows. */
const contactSchema = scalarsSchema.extend({
  contact_id: z.string(),
  /** Absent on a contact that has only a telephone. */
  email: z.string().exactOptional(),
  sms_address: z.string().exactOptional(),
  permission_to_send: z.enum(permissions).exactOptional(),
  /** The clock of the address, which is not the clock of the contact. */
  email_created_at: time.exactOptional(),
  email_updated_at: time.exactOptional(),
  opt_in_source: source.exactOptional(),
  opt_in_date: time.exactOptional(),
  opt_out_source: source.exactOptional(),
  opt_out_date: time.exactOptional(),
  opt_out_reason: z.string().exactOptional(),
  create_source: source,
  update_source: source.exactOptional(),
  created_at: time,
  updated_at: time,
  deleted_at: time.exactOptional(),
  custom_fields: z.record(z.string(), z.string()),
  list_memberships: z.array(z.string()),
  left_lists: z.array(z.string()),
  taggings: z.array(z.string()),
  phone_numbers: z.array(phoneSchema),
  street_addresses: z.array(streetSchema),
});

/** Never changed in place: the index must see every change. */
export type Contact = Readonly<z.output<typeof contactSchema>>;
export type Scalars = z.output<typeof scalarsSchema>;
export type Phone = z.output<typeof phoneSchema>;
export type Street = z.output<typeof streetSchema>;

/** What a test specifies: mostly the address and its lists. */
export const contactSeedSchema = contactSchema.extend({
  contact_id: z.string().exactOptional(),
  create_source: source.exactOptional(),
  created_at: time.exactOptional(),
  updated_at: time.exactOptional(),
  custom_fields: contactSchema.shape.custom_fields.exactOptional(),
  list_memberships: contactSchema.shape.list_memberships.exactOptional(),
  left_lists: contactSchema.shape.left_lists.exactOptional(),
  taggings: contactSchema.shape.taggings.exactOptional(),
  phone_numbers: contactSchema.shape.phone_numbers.exactOptional(),
  street_addresses: contactSchema.shape.street_addresses.exactOptional(),
});
export type ContactSeed = z.input<typeof contactSeedSchema>;
/** A seed whose times are in whole seconds. */
type CheckedSeed = z.output<typeof contactSeedSchema>;

export const scalarNames = Object.keys(scalarsSchema.shape) as (keyof Scalars)[];

/** Completes a seed with what the provider would have set at the time `at`. */
export function completeContact(given: CheckedSeed, contactId: string, at: string): Contact {
  const created_at = given.created_at ?? at;
  return {
    contact_id: contactId,
    create_source: "Account",
    created_at,
    updated_at: created_at,
    custom_fields: {},
    left_lists: [],
    taggings: [],
    phone_numbers: [],
    street_addresses: [],
    ...(given.email !== undefined && completeAddress(given, created_at, at)),
    ...given,
    list_memberships: given.deleted_at === undefined ? (given.list_memberships ?? []) : [],
  };
}

function completeAddress(given: CheckedSeed, created_at: string, at: string): Partial<Contact> {
  const opt_out_date = given.opt_out_date ?? at;
  const isOptedOut = given.permission_to_send === "unsubscribed";
  return {
    permission_to_send: "implicit",
    email_created_at: created_at,
    email_updated_at: isOptedOut ? opt_out_date : created_at,
    opt_in_source: "Account",
    opt_in_date: created_at,
    ...(isOptedOut && { opt_out_source: "Contact", opt_out_date }),
  };
}

/** A status as GET /contacts filters by it. A contact that has no address has given no permission. */
export function statusOf({ deleted_at, permission_to_send = "not_set" }: Contact): string {
  if (deleted_at !== undefined) return "deleted";
  return permission_to_send === "explicit" || permission_to_send === "implicit"
    ? "active"
    : permission_to_send;
}

/** Addresses are the same whatever their case. */
export const canonicalAddress = (address: string): string => address.trim().toLowerCase();
