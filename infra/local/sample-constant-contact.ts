import type { ContactSeed } from "../sandbox/constant-contact/contact.ts";
import { dailyList } from "../sandbox/constant-contact/sandbox-options.ts";
import { startSandbox } from "../sandbox/constant-contact/start-sandbox.ts";
import { type Sample, tellOptOuts, tellSubscriptions } from "./sample-data.ts";

const firstName = "data_first_name";
const weeklyList = "22222222-0000-4000-8000-000000000002";
const lists = [
  { list_id: dailyList, name: "Daily" },
  { list_id: weeklyList, name: "Weekly" },
];

/** Readers who together show what is particular to a provider that keeps them apart from its lists. */
export const constantContactSample: Sample = {
  provider: "a Constant Contact",
  firstName,
  // An opt-out of everything holds whatever the consent. What a reader said within the hour, the run may not have read.
  statements: [
    tellOptOuts("r.consented_at between now() - interval '1 hour' and now() + interval '5 minutes'"),
    tellSubscriptions(firstName),
  ],
  readers: `
    ('anna@example.fr',    '1',  true,  null,     '2024-01-15 08:00+00', 'Anna'),
    ('bruno@example.fr',   '2',  true,  null,     '2024-01-15 08:00+00', 'Bruno'),
    ('chloe@example.fr',   '3',  true,  null,     '2025-06-01 10:00+00', 'Chloé'),
    ('david@example.fr',   '4',  true,  null,     '2026-04-01 10:00+00', 'David'),
    ('emma@example.fr',    '5',  true,  null,     '2025-06-01 10:00+00', 'Emma'),
    ('farid@example.fr',   '6',  true,  null,     '2025-06-01 10:00+00', 'Farid'),
    ('gina@example.fr',    '7',  true,  null,     '2024-01-15 08:00+00', 'Gina'),
    ('hugo@example.fr',    '8',  false, 'READER', '2024-01-15 08:00+00', 'Hugo'),
    ('karim@example.fr',   '10', true,  null,     now() + interval '4 minutes', 'Karim'),
    ('lina@example.fr',    '11', true,  null,     '2025-06-01 10:00+00', 'Lina'),
    ('marc@example.fr',    '12', true,  null,     '2025-06-01 10:00+00', 'Marc'),
    ('nora@example',       '13', true,  null,     '2026-05-01 10:00+00', 'Nora'),
    ('paul@example.fr',    '14', true,  null,     '2026-05-01 10:00+00', 'Paul')`,
  start: async () => {
    const { url, tokenUrl, credentials, people, stop } = await startSandbox({
      lists,
      contacts: sampleContacts(new Date()),
    });
    const secret = "newsletter-sync/constant-contact";
    return {
      configuration: { kind: "constant-contact", baseUrl: url, tokenUrl, secret },
      credentials,
      listId: dailyList,
      goOn: () => {
        people.optOut("anna@example.fr");
        people.signUp("rosa@example.fr", dailyList);
        return "anna@example.fr opts out of everything; rosa@example.fr signs up by a form";
      },
      stop,
    };
  },
};

/** What the account holds before the first run. */
function sampleContacts(now: Date): ContactSeed[] {
  const twoHoursAgo = new Date(now.getTime() - 2 * 60 * 60 * 1000).toISOString();
  const contact = (name: string, guid: string, others: ContactSeed = {}): ContactSeed => ({
    email: `${name.toLowerCase()}@example.fr`,
    first_name: name,
    custom_fields: { guid },
    created_at: "2024-01-15T08:00:00Z",
    list_memberships: [dailyList],
    ...others,
  });
  const optedOut = {
    permission_to_send: "unsubscribed",
    opt_out_date: "2026-03-01T09:00:00Z",
  } as const;
  // Known for the other list, and changed since: whether they ever left this one, nobody can tell.
  const elsewhere = { list_memberships: [weeklyList], updated_at: "2025-02-01T09:00:00Z" };
  return [
    contact("Anna", "1"),
    contact("Bruno", "2", { email: "Bruno@Example.fr", first_name: "B." }),
    contact("Chloe", "3", optedOut),
    contact("David", "4", optedOut),
    contact("Emma", "5", { ...optedOut, opt_out_source: "Account" }),
    contact("Farid", "6", { permission_to_send: "temp_hold" }),
    contact("Gina", "7", elsewhere),
    contact("Hugo", "8"),
    contact("Ines", "9"),
    contact("Jules", "", { created_at: twoHoursAgo, create_source: "Contact", custom_fields: {} }),
    contact("Karim", "10", elsewhere),
    contact("Lina", "11", { permission_to_send: "pending_confirmation" }),
    contact("Marc", "12", { deleted_at: "2026-02-01T09:00:00Z" }),
  ];
}
