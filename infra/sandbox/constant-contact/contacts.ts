import { type Contact, type ContactSeed, completeContact, contactSeedSchema } from "./contact.ts";
import { ContactRows, type SyntheticContacts } from "./contact-rows.ts";
import { ContactSearch } from "./contact-search.ts";
import type { Dialect } from "./dialect.ts";
import { wholeSecond } from "./whole-second.ts";

interface ContactsContext {
  readonly synthetic: SyntheticContacts;
  readonly dialect: Pick<Dialect, "indexLagMs" | "order">;
}

/** The contacts of an account. Calls see single contacts as they are, and collections as the index shows them. */
export class Contacts {
  readonly search: ContactSearch;
  readonly #rows: ContactRows;

  constructor({ synthetic, dialect }: ContactsContext) {
    this.#rows = new ContactRows(synthetic, dialect.indexLagMs);
    this.search = new ContactSearch(this.#rows, dialect.order);
  }

  get(contactId: string): Contact | undefined {
    const number = this.#rows.numberOf(contactId);
    return number === undefined ? undefined : this.#rows.at(number);
  }

  /** The contact that has this address: the one alive if there is one, else the last that was added. */
  find(address: string): Contact | undefined {
    const holders = this.#rows.numbersOf(address).map((number) => this.#rows.at(number));
    return holders.findLast(({ deleted_at }) => deleted_at === undefined) ?? holders.at(-1);
  }

  *values(): Generator<Contact> {
    for (let number = 0; number < this.#rows.length; number++) yield this.#rows.at(number);
  }

  /** Adds a contact, or replaces the one that has its id. */
  put(contact: Contact, at: Date): Contact {
    this.#rows.put(contact, at);
    return contact;
  }

  /** The id of the contact that is added next. */
  nextId(): string {
    return this.#rows.nextId();
  }

  /**
   * Adds a contact that a seed or a call describes.
   *
   * @param since when it was added, as far as the index is concerned @default at
   */
  add(seed: ContactSeed, at: Date, since: Date = at): Contact {
    const checked = contactSeedSchema.parse(seed);
    const id = checked.contact_id ?? this.#rows.nextId();
    return this.put(completeContact(checked, id, wholeSecond(at)), since);
  }

  catchUp(now: Date): void {
    this.#rows.catchUp(now);
  }
}
