import type { Contact } from "./contact.ts";
import type { ContactRows } from "./contact-rows.ts";
import type { Dialect } from "./dialect.ts";

export interface Query {
  /** Queries that have the same key match the same contacts. */
  readonly key: string;
  matches(contact: Contact): boolean;
}

/** Finds contacts in the index. What a query found is kept until the index changes, so that a page costs little. */
export class ContactSearch {
  readonly #rows: ContactRows;
  readonly #order: Dialect["order"];
  readonly #found = new Map<string, Uint32Array>();
  #version = 0;

  constructor(rows: ContactRows, order: Dialect["order"]) {
    this.#rows = rows;
    this.#order = order;
  }

  count(query: Query): number {
    return this.#numbers(query).length;
  }

  page(query: Query, { offset, limit }: { readonly offset: number; readonly limit: number }): Contact[] {
    const numbers = this.#numbers(query).subarray(offset, offset + limit);
    return Array.from(numbers, (number) => this.#rows.indexed(number)!);
  }

  /** The place after a contact in what a query finds now; the first one if the query does not find it any more. */
  placeAfter(query: Query, contactId: string): number {
    return this.#numbers(query).indexOf(this.#rows.numberOf(contactId) ?? -1) + 1;
  }

  #numbers(query: Query): Uint32Array {
    if (this.#version !== this.#rows.version) this.#found.clear();
    this.#version = this.#rows.version;
    const found = this.#found.get(query.key) ?? this.#look(query);
    this.#found.set(query.key, found);
    return found;
  }

  #look({ matches }: Query): Uint32Array {
    const found: { readonly number: number; readonly time: string }[] = [];
    for (let number = 0; number < this.#rows.length; number++) {
      const contact = this.#rows.indexed(number);
      if (contact && matches(contact)) found.push({ number, time: this.#timeOf(contact) });
    }
    found.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.number - b.number));
    if (this.#order !== "oldest first") found.reverse();
    return Uint32Array.from(found, ({ number }) => number);
  }

  #timeOf({ created_at, updated_at }: Contact): string {
    return this.#order === "last updated first" ? updated_at : created_at;
  }
}
