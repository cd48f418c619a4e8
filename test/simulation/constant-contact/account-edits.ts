import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Contact } from "../../../infra/sandbox/constant-contact/contact.ts";
import { People } from "../../../infra/sandbox/constant-contact/people.ts";
import { names, type RowTargets, randomEmail } from "../random-readers.ts";
import { listIds } from "./random-account.ts";

const edits = [
  ...["sign up", "sign up", "leave", "leave", "leave", "opt out", "opt out", "be opted out"],
  ...["be deleted", "be put on", "be put on", "be renamed", "be held", "be released"],
] as const;

/** Lets a reader do something in a mail or a form, or an editor in the provider's own pages. */
export function editAccount(account: Account, targets: RowTargets): void {
  const { chance } = targets;
  const email = randomEmail(targets);
  const listId = chance.pick(Object.values(listIds));
  const kind = chance.pick(edits);
  const people = new People(account);
  const contact = account.contacts.find(email);
  if (kind === "sign up") people.signUp(email, listId);
  else if (contact === undefined || contact.deleted_at !== undefined) return;
  else if (kind === "leave") people.leave(email, listId);
  else if (kind === "opt out") people.optOut(email);
  else if (kind === "be opted out") people.optOut(email, { by: "Account" });
  else if (kind === "be deleted") people.delete(email);
  else if (kind === "be put on") people.join(email, listId);
  else if (kind === "be renamed") rename(contact, people, targets);
  else if (contact.permission_to_send === "unsubscribed") return;
  else if (kind === "be held")
    people.permit(email, chance.pick(["temp_hold", "pending_confirmation", "not_set"]));
  else people.permit(email, "implicit");
}

interface Leaving {
  readonly listId: string;
  readonly account: Account;
  readonly targets: RowTargets;
}

/** Lets one of these readers go, now. */
export function leaveOneOf(emails: readonly string[], { listId, account, targets }: Leaving): void {
  const { chance } = targets;
  const known = emails.filter((email) => account.contacts.find(email) !== undefined);
  if (known.length === 0) return;
  const people = new People(account);
  const email = chance.pick(known);
  const kind = chance.pick(["leave", "leave", "opt out", "be deleted"] as const);
  if (kind === "leave") people.leave(email, listId);
  else if (kind === "opt out") people.optOut(email);
  else people.delete(email);
}

function rename({ email, custom_fields }: Contact, people: People, { chance }: RowTargets): void {
  const { firstname: _, ...others } = custom_fields;
  const firstname = chance.pick(names);
  people.edit(email!, { custom_fields: { ...others, ...(firstname !== "" && { firstname }) } });
}
