import { numberedId } from "./numbered-id.ts";

export interface ContactList {
  readonly list_id: string;
  readonly name: string;
  readonly description?: string;
  readonly favorite: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at?: string;
}

/** What a test specifies of a list. */
export type ListSeed = Pick<ContactList, "name"> & Partial<ContactList>;

/** The lists of an account, without their members: those know their lists themselves. */
export class ContactLists {
  readonly #lists = new Map<string, ContactList>();

  /** The deleted ones included, in the order in which they were added. */
  values(): readonly ContactList[] {
    return [...this.#lists.values()];
  }

  /** The list, unless it is unknown or deleted. */
  alive(listId: string): ContactList | undefined {
    const list = this.#lists.get(listId);
    return list?.deleted_at === undefined ? list : undefined;
  }

  named(name: string): ContactList | undefined {
    return this.values().find((list) => list.name === name && list.deleted_at === undefined);
  }

  /** Adds a list, or replaces the one that has its id. */
  put(seed: ListSeed, at: string): ContactList {
    const list_id = seed.list_id ?? numberedId("list", this.#lists.size + 1);
    const list = { list_id, favorite: false, created_at: at, updated_at: at, ...seed };
    this.#lists.set(list_id, list);
    return list;
  }
}
