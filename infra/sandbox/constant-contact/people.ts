import type { Account } from "./account.ts";
import type { Contact, ContactSeed, Scalars } from "./contact.ts";
import { type Change, changeFields, join, leave, optOut, permit, remove, revive } from "./contact-changes.ts";

/** What readers do in mails and forms, and editors in the provider's own pages: behind the API's back. */
export class People {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Adds contacts, whoever else has their address. One that has the id of a contact replaces it. */
  add(...seeds: readonly ContactSeed[]): void {
    this.#account.settle();
    for (const seed of seeds) this.#account.contacts.add(seed, this.#account.now());
  }

  /** Opts a contact out of everything. */
  optOut(email: string, { by = "Contact", reason }: { by?: Change["by"]; reason?: string } = {}): void {
    this.#change(email, by, (contact, change) => {
      const opted = optOut(contact, reason, change);
      if (this.#account.options.optOutKeepsLists) return opted;
      return leave(opted, opted.list_memberships, change);
    });
  }

  /** Takes a contact off one list, as a reader does who keeps the others. */
  leave(email: string, listId: string, by: Change["by"] = "Contact"): void {
    this.#change(email, by, (contact, change) => leave(contact, [listId], change));
  }

  /** A reader signs up by a form: known or not, opted out or not, deleted or not. */
  signUp(email: string, listId: string): void {
    if (!this.#account.contacts.find(email)) this.add({ email, create_source: "Contact" });
    this.#change(email, "Contact", (contact, change) =>
      join(permit(revive(contact, change), "explicit", change), [listId], change),
    );
  }

  /** An editor puts a contact on a list. */
  join(email: string, listId: string): void {
    this.#change(email, "Account", (contact, change) => join(contact, [listId], change));
  }

  /** An editor changes fields; those that are undefined lose their value. */
  edit(
    email: string,
    fields: { readonly [name in keyof Scalars]?: Scalars[name] | undefined } & Pick<
      ContactSeed,
      "custom_fields"
    >,
  ): void {
    this.#change(email, "Account", (contact, change) => changeFields(contact, fields, change));
  }

  /** An editor gives a contact another permission, e.g. `temp_hold`. */
  permit(email: string, permission: NonNullable<Contact["permission_to_send"]>): void {
    this.#change(email, "Account", (contact, change) => permit(contact, permission, change));
  }

  delete(email: string): void {
    this.#change(email, "Account", remove);
  }

  /** A reader answers the confirmation mail that a call had sent. Throws if there was none. */
  confirm(email: string): void {
    const contact = this.#find(email);
    const mail = this.#account.confirmations.get(contact.contact_id);
    if (!mail || mail.isAnswered) throw new Error("No confirmation mail waits for an answer of this contact");
    mail.isAnswered = true;
    this.#change(email, "Contact", (known, change) =>
      join(permit(known, "explicit", change), mail.listIds, change),
    );
  }

  #change(email: string, by: Change["by"], act: (contact: Contact, change: Change) => Contact): void {
    const contact = this.#find(email);
    this.#account.contacts.put(act(contact, this.#account.change(by)), this.#account.now());
  }

  #find(email: string): Contact {
    this.#account.settle();
    const contact = this.#account.contacts.find(email);
    if (!contact) throw new Error("The sandbox has no contact with this address");
    return contact;
  }
}
