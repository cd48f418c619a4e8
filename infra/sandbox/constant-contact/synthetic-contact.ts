import type { Contact } from "./contact.ts";
import { numberedId } from "./numbered-id.ts";
import { wholeSecond } from "./whole-second.ts";

const firstNames = ["Zoé", "Hélène", "François", "Anaïs", "Noël", "Maëlys", "Loïc", "Chloé", "Agnès"];
const lastNames = ["Martin", "Le Goff", "N'Diaye", "García", "Müller", "Dupont"];
const domains = 97;
const firstSecond = Date.UTC(2019, 2, 1);
const secondsBetween = 90_000;

/** What became of the one in ten who is not subscribed. */
const fates = ["left", "by Contact", "by Account", "deleted", "temp_hold", "left"] as const;

/** The address of contact `n`, e.g. `reader.123@example26.fr`. */
export const syntheticAddress = (n: number): string => `reader.${n}@example${n % domains}.fr`;

/** The inverse of `syntheticAddress`, in any case; undefined for any other address. */
export function syntheticNumber(canonicalAddress: string): number | undefined {
  const n = Number(/^reader\.(\d+)@/.exec(canonicalAddress)?.[1]);
  return syntheticAddress(n) === canonicalAddress ? n : undefined;
}

/** What became of contact `n`; undefined for the nine in ten who are subscribed. */
const syntheticFate = (n: number): (typeof fates)[number] | undefined =>
  n % 10 === 9 ? fates[Math.floor(n / 10) % fates.length] : undefined;

/** Contact `n` in the publisher's own database: a sync has nothing to change. */
export const syntheticSourceRow = (
  n: number,
): {
  readonly email: string;
  readonly guid: string;
  readonly data_first_name: string;
  readonly data_last_name: string;
} => ({
  email: syntheticAddress(n),
  guid: `${1_000_000 + n}`,
  data_first_name: firstNames[n % firstNames.length]!,
  data_last_name: lastNames[Math.floor(n / 7) % lastNames.length]!,
});

/** Contact `n` of an account whose contacts are synthetic, a member of this list unless it left it. */
export function syntheticContact(n: number, listId: string): Contact {
  const fate = syntheticFate(n);
  const { email, guid, data_first_name, data_last_name } = syntheticSourceRow(n);
  const created_at = wholeSecond(new Date(firstSecond + n * secondsBetween));
  // Of those who are not subscribed, an opt-out of everything leaves nothing to do on the list.
  const isMember = fate === undefined || fate === "by Contact" || fate === "by Account";
  return {
    contact_id: numberedId("contact", n),
    email,
    email_created_at: created_at,
    email_updated_at: created_at,
    opt_in_source: "Account",
    opt_in_date: created_at,
    first_name: data_first_name,
    last_name: data_last_name,
    create_source: "Account",
    created_at,
    updated_at: created_at,
    custom_fields: { guid },
    list_memberships: isMember ? [listId] : [],
    left_lists: fate === "left" ? [listId] : [],
    taggings: [],
    phone_numbers: [],
    street_addresses: [],
    ...permissionOf(fate, () => dayAfter(created_at)),
  };
}

const dayAfter = (time: string): string => wholeSecond(new Date(Date.parse(time) + 86_400_000));

function permissionOf(
  fate: ReturnType<typeof syntheticFate>,
  changedAt: () => string,
): Pick<Contact, "permission_to_send"> & Partial<Contact> {
  switch (fate) {
    case "by Contact":
    case "by Account": {
      const opt_out_source = fate === "by Contact" ? "Contact" : "Account";
      const at = changedAt();
      return { permission_to_send: "unsubscribed", opt_out_source, opt_out_date: at, email_updated_at: at };
    }
    case "temp_hold":
      return { permission_to_send: "temp_hold" };
    case "deleted":
      return { permission_to_send: "implicit", deleted_at: changedAt() };
    default:
      return { permission_to_send: "implicit" };
  }
}
