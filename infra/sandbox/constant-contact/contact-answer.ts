import type { Account } from "./account.ts";
import { type Contact, scalarNames } from "./contact.ts";
import type { ContactQuery, subResources } from "./contact-query.ts";
import type { Dialect } from "./dialect.ts";
import { numberedId } from "./numbered-id.ts";

type Include = ContactQuery["include"];

/** A contact as answers show it. What has no value is left out, and so is what was not asked to be included. */
export function showContact(contact: Contact, include: Include, { options, customFields }: Account): object {
  const shown = {
    contact_id: contact.contact_id,
    ...(contact.email !== undefined && { email_address: showAddress(contact) }),
    ...Object.fromEntries(scalarNames.map((name) => [name, contact[name]])),
    create_source: contact.create_source,
    update_source: contact.update_source,
    created_at: contact.created_at,
    updated_at: contact.updated_at,
    deleted_at: contact.deleted_at,
    ...(contact.sms_address !== undefined && { sms_channel: showTelephone(contact) }),
    ...Object.fromEntries(include.map((name) => [name, showSubResource(contact, name, customFields)])),
  };
  const timed = showTimes(shown, options);
  if (options.deletedAt === "time" || contact.deleted_at === undefined) return timed;
  return { ...timed, deleted_at: contact.deleted_at.slice(0, 10) };
}

function showAddress(contact: Contact): object {
  return {
    address: contact.email,
    permission_to_send: contact.permission_to_send,
    created_at: contact.email_created_at,
    updated_at: contact.email_updated_at,
    opt_in_source: contact.opt_in_source,
    opt_in_date: contact.opt_in_date,
    opt_out_source: contact.opt_out_source,
    opt_out_date: contact.opt_out_date,
    opt_out_reason: contact.opt_out_reason,
    confirm_status: contact.permission_to_send === "pending_confirmation" ? "pending" : "off",
  };
}

function showTelephone({ sms_address, create_source }: Contact): object {
  return { sms_address, dial_code: "1", country_code: "US", create_source, sms_channel_consents: [] };
}

function showSubResource(
  contact: Contact,
  name: (typeof subResources)[number],
  customFields: Account["customFields"],
): unknown {
  switch (name) {
    case "custom_fields":
      return Object.entries(contact.custom_fields).flatMap(([field, value]) => {
        const custom_field_id = customFields.find(field)?.custom_field_id;
        return custom_field_id === undefined ? [] : [{ custom_field_id, value }];
      });
    case "phone_numbers":
      return contact.phone_numbers.map((phone, n) => ({ phone_number_id: partId(n), ...phone }));
    case "street_addresses":
      return contact.street_addresses.map((street, n) => ({ street_address_id: partId(n), ...street }));
    case "notes":
      return [];
    default:
      return contact[name];
  }
}

const partId = (n: number) => numberedId("part", n);

/** Writes every time as the dialect does: all of them are texts in fields that end with `_at` or `_date`. */
export function showTimes(value: object, { times }: Pick<Dialect, "times">): object {
  if (times === "in UTC") return value;
  const write = (name: string, field: unknown): unknown => {
    if (Array.isArray(field)) return field.map((each) => write(name, each));
    if (typeof field === "object" && field !== null) return showTimes(field, { times });
    const isTime = /_(at|date)$/.test(name) && typeof field === "string" && field.endsWith("Z");
    return isTime ? writeTime(field, times) : field;
  };
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, write(name, field)]));
}

function writeTime(time: string, times: Exclude<Dialect["times"], "in UTC">): string {
  if (times === "with milliseconds") return time.replace("Z", ".000Z");
  const fiveHoursBefore = new Date(Date.parse(time) - 5 * 3_600_000).toISOString();
  return fiveHoursBefore.replace(/\.\d+Z$/, "-05:00");
}
