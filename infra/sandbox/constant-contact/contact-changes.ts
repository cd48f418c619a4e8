import type { Contact, Scalars } from "./contact.ts";

/** What may move a contact's `updated_at`, beside a change of its fields: the documentation does not say. */
export type UndecidedMove = "optOut" | "membership" | "deletion" | "import";

/** When a change is made, by whom, and what it moves. */
export interface Change {
  readonly at: string;
  readonly by: "Account" | "Contact";
  readonly moves: readonly UndecidedMove[];
}

type Fields = Partial<
  Pick<Contact, keyof Scalars | "custom_fields" | "phone_numbers" | "street_addresses" | "taggings">
>;

/** Moves the contact's clock. */
function touch(contact: Contact, { at, by }: Change): Contact {
  return { ...contact, updated_at: at, update_source: by };
}

function touchIf(move: UndecidedMove, contact: Contact, change: Change): Contact {
  return change.moves.includes(move) ? touch(contact, change) : contact;
}

/** Changes fields; those that are undefined lose their value. The clock moves only if something changes. */
export function changeFields(
  contact: Contact,
  fields: { readonly [name in keyof Fields]: Fields[name] | undefined },
  change: Change,
): Contact {
  const isChanged = Object.entries(fields).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(contact[name as keyof Contact]),
  );
  if (!isChanged) return contact;
  const changed = Object.entries({ ...contact, ...fields }).filter(([, value]) => value !== undefined);
  return touch(Object.fromEntries(changed) as unknown as Contact, change);
}

/** Adds a contact to lists. */
export function join(contact: Contact, listIds: readonly string[], change: Change): Contact {
  const added = listIds.filter((id) => !contact.list_memberships.includes(id));
  if (added.length === 0) return contact;
  const joined = {
    ...contact,
    list_memberships: [...contact.list_memberships, ...added],
    left_lists: contact.left_lists.filter((id) => !added.includes(id)),
  };
  return touchIf("membership", joined, change);
}

/** Takes a contact off lists: nothing but the membership tells of it afterwards. */
export function leave(contact: Contact, listIds: readonly string[], change: Change): Contact {
  const left = contact.list_memberships.filter((id) => listIds.includes(id));
  if (left.length === 0) return contact;
  const remaining = {
    ...contact,
    list_memberships: contact.list_memberships.filter((id) => !left.includes(id)),
    left_lists: [...contact.left_lists, ...left],
  };
  return touchIf("membership", remaining, change);
}

/** Opts a contact out of everything. */
export function optOut(contact: Contact, reason: string | undefined, change: Change): Contact {
  const opted: Contact = {
    ...contact,
    permission_to_send: "unsubscribed",
    email_updated_at: change.at,
    opt_out_source: change.by,
    opt_out_date: change.at,
    ...(reason !== undefined && { opt_out_reason: reason }),
  };
  return touchIf("optOut", opted, change);
}

/** Gives a contact a permission that is not an opt-out. */
export function permit(
  contact: Contact,
  permission: NonNullable<Contact["permission_to_send"]>,
  change: Change,
): Contact {
  const { opt_out_source, opt_out_date, opt_out_reason, ...kept } = contact;
  const permitted: Contact = {
    ...kept,
    permission_to_send: permission,
    opt_in_source: change.by,
    opt_in_date: change.at,
    email_updated_at: change.at,
  };
  return touchIf("optOut", permitted, change);
}

/** Deletes a contact: it is still there, on no list. Its permission stays. */
export function remove(contact: Contact, change: Change): Contact {
  const deleted = {
    ...contact,
    deleted_at: change.at,
    list_memberships: [],
    left_lists: [...contact.left_lists, ...contact.list_memberships],
  };
  return touchIf("deletion", deleted, change);
}

/** Revives a deleted contact. */
export function revive(contact: Contact, change: Change): Contact {
  const { deleted_at, ...alive } = contact;
  return deleted_at === undefined ? contact : touch(alive, change);
}

/** What an import does to a contact even if it changes nothing. */
export function passThroughImport(contact: Contact, change: Change): Contact {
  return touchIf("import", contact, change);
}
