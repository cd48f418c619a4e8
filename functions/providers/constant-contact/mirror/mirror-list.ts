import { canonicalEmail } from "../../../domain/email.ts";
import type { CurrentSubscriber } from "../../../domain/subscriber.ts";
import { ContactIds } from "./contact-ids.ts";
import type { MirrorContact } from "./mirror-contact.ts";
import { type ListRules, subscriberOf, subscriberOfShared } from "./subscriber-of.ts";

/** One list as the mirror shows it. */
export interface MirrorList {
  /** How many rows there are of each kind. */
  readonly counts: { readonly subscribed: number; readonly unsubscribed: number };
  /** How many contacts the account has. */
  readonly contacts: number;
  /** How many of them are on the list, whatever their permission. */
  readonly members: number;
  /** Contacts of the account who have no address, and so are nobody on any list. */
  readonly withoutAddress: number;
  /** Every address that is somebody for the list, once. Can be read again. */
  rows(): AsyncGenerator<CurrentSubscriber>;
  /** The contacts of the account who have this address, in any spelling. */
  contactIdsOf(email: string): string[];
}

type Contacts = () => AsyncGenerator<readonly MirrorContact[]>;

/** Looks through all contacts once, and once more if some have the same address. */
export async function openMirrorList(contacts: Contacts, rules: ListRules): Promise<MirrorList> {
  const ids = new ContactIds();
  const sharedAddresses = new Set<string>();
  const counts = { subscribed: 0, unsubscribed: 0 };
  const count = (row: CurrentSubscriber | undefined, by: 1 | -1) => {
    if (row !== undefined) counts[row.subscribed ? "subscribed" : "unsubscribed"] += by;
  };
  let withoutAddress = 0;
  let all = 0;
  let members = 0;
  for await (const part of contacts()) {
    all += part.length;
    for (const contact of part) {
      count(subscriberOf(contact, rules), 1);
      if (contact.lists.includes(rules.listId)) members++;
      if (contact.email === undefined) withoutAddress++;
      else if (!ids.add(contact.email, contact.id)) sharedAddresses.add(canonicalEmail(contact.email));
    }
  }
  const shared = sharedAddresses.size === 0 ? [] : await collectShared(contacts, sharedAddresses);
  const sharedRows = shared.map((group) => subscriberOfShared(group, rules));
  for (const contact of shared.flat()) count(subscriberOf(contact, rules), -1);
  for (const row of sharedRows) count(row, 1);
  const sharedIds = new Set(shared.flat().map(({ id }) => id));

  async function* rows(): AsyncGenerator<CurrentSubscriber> {
    for await (const part of contacts()) {
      for (const contact of part) {
        const row = sharedIds.has(contact.id) ? undefined : subscriberOf(contact, rules);
        if (row !== undefined) yield row;
      }
    }
    yield* sharedRows.filter((row) => row !== undefined);
  }
  const contactIdsOf = (email: string) => ids.idsOf(email);
  return { counts, contacts: all, members, withoutAddress, rows, contactIdsOf };
}

/** The contacts who share each address. They are few, as an account has an address once. */
async function collectShared(contacts: Contacts, addresses: ReadonlySet<string>): Promise<MirrorContact[][]> {
  const groups = new Map<string, MirrorContact[]>(Array.from(addresses, (address) => [address, []]));
  for await (const part of contacts()) {
    for (const contact of part) {
      if (contact.email !== undefined) groups.get(canonicalEmail(contact.email))?.push(contact);
    }
  }
  return [...groups.values()];
}
