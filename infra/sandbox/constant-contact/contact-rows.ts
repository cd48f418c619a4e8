import { type Contact, canonicalAddress } from "./contact.ts";
import { numberedId, numberOfId } from "./numbered-id.ts";
import { syntheticContact, syntheticNumber } from "./synthetic-contact.ts";

/** How many contacts are computed, and of which list they are members. */
export interface SyntheticContacts {
  readonly count: number;
  readonly listId: string;
}

/** A change that the index does not show yet. */
interface Lagging {
  readonly shownAt: number;
  readonly number: number;
  readonly contact: Contact;
}

/**
 * The contacts of an account by number, in the order in which they were added. The first ones may be synthetic: they are
 * computed, so that a million of them take no memory. The index, which is what a collection shows, may lag behind.
 */
export class ContactRows {
  readonly #synthetic: SyntheticContacts;
  readonly #lagMs: number;
  readonly #written = new Map<number, Contact>();
  readonly #numbersById = new Map<string, number>();
  readonly #numbersByAddress = new Map<string, number[]>();
  readonly #lagging: Lagging[] = [];
  /** What the index shows of a contact that has a change before it; undefined if it shows nothing. */
  readonly #shown = new Map<number, Contact | undefined>();
  #length: number;
  #version = 0;

  constructor(synthetic: SyntheticContacts, lagMs: number) {
    this.#synthetic = synthetic;
    this.#lagMs = lagMs;
    this.#length = synthetic.count;
  }

  /** How many contacts there are, the deleted ones included. */
  get length(): number {
    return this.#length;
  }

  /** Another one after every change of what the index shows. */
  get version(): number {
    return this.#version;
  }

  at(number: number): Contact {
    const written = this.#written.get(number);
    return written ?? syntheticContact(number, this.#synthetic.listId);
  }

  /** The contact as the index shows it. */
  indexed(number: number): Contact | undefined {
    return this.#shown.has(number) ? this.#shown.get(number) : this.at(number);
  }

  numberOf(contactId: string): number | undefined {
    const number = numberOfId("contact", contactId);
    return number !== undefined && number < this.#synthetic.count ? number : this.#numbersById.get(contactId);
  }

  /** The numbers of all who have this address, deleted ones among them. */
  numbersOf(address: string): number[] {
    const wanted = canonicalAddress(address);
    const synthetic = syntheticNumber(wanted);
    const isSynthetic = synthetic !== undefined && synthetic < this.#synthetic.count;
    const candidates = [...(isSynthetic ? [synthetic] : []), ...(this.#numbersByAddress.get(wanted) ?? [])];
    return candidates.filter((number) => canonicalAddress(this.at(number).email ?? "") === wanted);
  }

  /** The id of the contact that is added next. */
  nextId(): string {
    return numberedId("contact", this.#length);
  }

  /** Adds a contact, or replaces the one that has its id. */
  put(contact: Contact, at: Date): void {
    const known = this.numberOf(contact.contact_id);
    const number = known ?? this.#length++;
    this.#hideFromIndex({ number, contact, shownAt: at.getTime() + this.#lagMs }, known === undefined);
    this.#written.set(number, contact);
    this.#numbersById.set(contact.contact_id, number);
    this.#rememberAddress(number, contact);
    this.#version++;
  }

  /** Lets the index show what is due. */
  catchUp(now: Date): void {
    const firstLagging = this.#lagging.findIndex(({ shownAt }) => shownAt > now.getTime());
    const due = this.#lagging.splice(0, firstLagging === -1 ? this.#lagging.length : firstLagging);
    if (due.length === 0) return;
    for (const { number, contact } of due) this.#shown.set(number, contact);
    const lagging = new Set(this.#lagging.map(({ number }) => number));
    for (const { number } of due) if (!lagging.has(number)) this.#shown.delete(number);
    this.#version++;
  }

  #hideFromIndex(change: Lagging, isNew: boolean): void {
    if (this.#lagMs === 0) return;
    const { number } = change;
    if (!this.#shown.has(number)) this.#shown.set(number, isNew ? undefined : this.at(number));
    this.#lagging.push(change);
  }

  #rememberAddress(number: number, { email }: Contact): void {
    if (email === undefined) return;
    const address = canonicalAddress(email);
    const numbers = this.#numbersByAddress.get(address) ?? [];
    if (syntheticNumber(address) === number || numbers.includes(number)) return;
    this.#numbersByAddress.set(address, [...numbers, number]);
  }
}
