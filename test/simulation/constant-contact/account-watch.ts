import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Contact } from "../../../infra/sandbox/constant-contact/contact.ts";
import { listIds } from "./random-account.ts";

/** What an address is for a list, as only the provider knows it. Times are in ms since the epoch. */
export interface Place {
  /** Undefined if the account does not know the address. */
  readonly contact: Contact | undefined;
  readonly isMember: boolean;
  /** Since when it is not to be mailed, on whichever list. */
  readonly unfitSince: number | undefined;
  /** When it last left this list, and has not come back since; or was first seen beside it. */
  readonly leftAt: number | undefined;
  /** Whose doing that was: that of readers and editors, or of our own runs; a deletion takes off every list. */
  readonly leftBy: "people" | "runs" | "deletion" | undefined;
}

const nobody: Place = {
  contact: undefined,
  isMember: false,
  unfitSince: undefined,
  leftAt: undefined,
  leftBy: undefined,
};

/** What becomes of each reader, seen from within the provider, and by whom. */
export class AccountWatch {
  readonly #account: Account;
  readonly #places = new Map<string, Place>();

  constructor(account: Account) {
    this.#account = account;
    this.observe("people");
  }

  /** To be called after every change. @param by whose change it was */
  observe(by: "people" | "runs"): void {
    const at = this.#account.now().getTime();
    for (const email of this.addresses) {
      const contact = this.#account.contacts.find(email)!;
      for (const listId of Object.values(listIds)) {
        const key = keyOf(email, listId);
        this.#places.set(key, placeAfter(this.#places.get(key) ?? nobody, contact, { listId, at, by }));
      }
    }
  }

  placeOf(email: string, listId: string): Place {
    return this.#places.get(keyOf(email, listId)) ?? nobody;
  }

  /** The addresses that are on a list and to be mailed. */
  membersOf(listId: string): string[] {
    return [...this.addresses].filter((email) => isSubscribed(this.placeOf(email, listId)));
  }

  /** All that the account knows, in small letters. */
  get addresses(): ReadonlySet<string> {
    const emails = [...this.#account.contacts.values()].map(({ email }) => email?.toLowerCase());
    return new Set(emails.filter((email) => email !== undefined));
  }
}

export function isSubscribed({ isMember, unfitSince }: Place): boolean {
  return isMember && unfitSince === undefined;
}

function placeAfter(
  before: Place,
  contact: Contact,
  { listId, at, by }: { listId: string; at: number; by: "people" | "runs" },
): Place {
  const mayBeMailed = ["explicit", "implicit"].includes(contact.permission_to_send ?? "");
  const isFit = mayBeMailed && contact.deleted_at === undefined;
  const isMember = contact.list_memberships.includes(listId);
  const hasLeft = before.isMember && !isMember;
  const left = hasLeft ? { leftAt: at, leftBy: contact.deleted_at ? ("deletion" as const) : by } : before;
  return {
    contact,
    isMember,
    unfitSince: isFit ? undefined : (before.unfitSince ?? at),
    leftAt: isMember ? undefined : left.leftAt,
    leftBy: isMember ? undefined : left.leftBy,
  };
}

function keyOf(email: string, listId: string): string {
  return `${email.toLowerCase()} ${listId}`;
}
