import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import type { Contact } from "./contact.ts";
import { showContact } from "./contact-answer.ts";
import {
  type ContactBody,
  contactBodySchema,
  namesOfSubResources,
  scalarsOf,
  subResourcesOf,
} from "./contact-body.ts";
import { type Change, changeFields, join, leave, optOut, permit, remove, revive } from "./contact-changes.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError } from "./parameters.ts";

/** Calls that change one contact. Our client makes none of them: people do, and other programs. */
export const contactWriteRoutes: ConstantContactRoute[] = [
  { method: "POST", template: "/contacts", answer: addContact },
  { method: "PUT", template: "/contacts/CONTACT_ID", answer: replaceContact },
  { method: "DELETE", template: "/contacts/CONTACT_ID", answer: deleteContact },
];

function addContact({ body }: RoutedCall, account: Account): Answer {
  const { data, error } = contactBodySchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const { email_address: given, create_source, first_name, last_name } = data;
  if (!create_source) return errorAnswer(400, "create_source is missing");
  if (!given && !first_name && !last_name) return errorAnswer(400, "a name or an address is missing");
  const holder = given && account.contacts.find(given.address);
  if (holder) return conflict(holder);
  const permission = given?.permission_to_send ?? (create_source === "Contact" ? "explicit" : "implicit");
  const set = Object.entries(scalarsOf(data)).filter(([, value]) => value !== undefined);
  const seed = {
    ...(given && { email: given.address, permission_to_send: permission, opt_in_source: create_source }),
    create_source,
    ...Object.fromEntries(set),
    ...subResourcesOf(data, account.customFields),
  };
  const shown = showContact(account.contacts.add(seed, account.now()), namesOfSubResources(data), account);
  return jsonAnswer(withOffset(shown), 201);
}

/** In this answer alone, one time is written in another way than its neighbours. */
function withOffset(shown: object): object {
  const json = JSON.stringify(shown);
  return JSON.parse(json.replace(/("opt_in_date":"[^"]+)Z"/, '$1+00:00"'));
}

/** Replaces a contact: a scalar that is not sent loses its value, and lists of things stay unless they are sent. */
function replaceContact({ body, values }: RoutedCall, account: Account): Answer {
  const { data, error } = contactBodySchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const contact = account.contacts.get(values["CONTACT_ID"]!);
  if (!contact) return errorAnswer(404, "contact_id not found");
  const reason = refusalOf(data, contact);
  if (reason !== undefined) return errorAnswer(400, reason);
  const address = data.email_address?.address;
  const holder = address === undefined ? undefined : account.contacts.find(address);
  if (holder && holder.contact_id !== contact.contact_id) return conflict(holder);
  const change = account.change(data.update_source!);
  const { list_memberships, ...others } = subResourcesOf(data, account.customFields);
  const alive = revive(contact, change);
  const changed = changeFields(alive, { ...scalarsOf(data), ...others }, change);
  const moved = list_memberships ? moveTo(list_memberships, changed, change) : changed;
  const replaced = { ...givePermission(data, moved, change), email: address! };
  account.contacts.put(replaced, account.now());
  return jsonAnswer(showContact(replaced, namesOfSubResources(data), account));
}

/** @returns why a contact cannot be replaced so */
function refusalOf({ update_source, email_address }: ContactBody, contact: Contact): string | undefined {
  const permission = email_address?.permission_to_send;
  const isLift = permission !== undefined && permission !== "unsubscribed";
  if (!update_source) return "update_source is missing";
  if (!email_address) return "email_address is missing";
  if (contact.deleted_at !== undefined && update_source !== "Account") return "update_source must be Account";
  if (contact.permission_to_send === "explicit" && permission === "implicit") {
    return "permission_to_send does not have a valid value";
  }
  const isReaders = contact.permission_to_send === "unsubscribed" && contact.opt_out_source === "Contact";
  return isReaders && isLift && update_source === "Account" ? "The contact has opted out" : undefined;
}

function givePermission({ email_address }: ContactBody, contact: Contact, change: Change): Contact {
  const { permission_to_send: permission, opt_out_reason } = email_address!;
  if (permission === undefined || permission === contact.permission_to_send) return contact;
  return permission === "unsubscribed"
    ? optOut(contact, opt_out_reason, change)
    : permit(contact, permission, change);
}

function moveTo(listIds: readonly string[], contact: Contact, change: Change): Contact {
  const left = contact.list_memberships.filter((id) => !listIds.includes(id));
  return join(leave(contact, left, change), listIds, change);
}

/** A contact is not deleted a second time. */
function deleteContact({ values }: RoutedCall, account: Account): Answer {
  const contact = account.contacts.get(values["CONTACT_ID"]!);
  if (!contact || contact.deleted_at !== undefined) return errorAnswer(404, "contact_id not found");
  account.contacts.put(remove(contact, account.change("Account")), account.now());
  return { status: 204, type: "application/json", body: [], hasLength: false };
}

function conflict({ contact_id }: Contact): Answer {
  return errorAnswer(409, `Validation failed: Email already exists for contact ${contact_id}`);
}
