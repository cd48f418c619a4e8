import type { SubscriberSeed } from "../sandbox/ownpage/subscriber.ts";

/** The readers of the demonstration: together they show what the sync decides, and which side hears of it. */

const unsubscribed = (email: string, unsubscribed_cause: string): SubscriberSeed => ({
  email,
  subscribed: false,
  unsubscribed_at: "2026-03-01T09:00:00.000Z",
  unsubscribed_cause,
});

/** What the provider holds before the first run. */
export function sampleSubscribers(now: Date): SubscriberSeed[] {
  const subscribed_at = "2024-01-15T08:00:00.000Z";
  const minutesLater = (minutes: number) => new Date(now.getTime() + minutes * 60 * 1000).toISOString();
  return [
    { email: "anna@example.fr", guid: "1", data_firstname: "Anna", subscribed_at },
    { email: "Bruno@Example.fr", guid: "2", data_firstname: "B.", subscribed_at },
    { ...unsubscribed("chloe@example.fr", "READER"), guid: "3" },
    { ...unsubscribed("david@example.fr", "READER"), guid: "4", data_firstname: "David" },
    { ...unsubscribed("emma@example.fr", "COMPLAINT"), guid: "5" },
    { ...unsubscribed("farid@example.fr", "HARD_BOUNCE"), guid: "6" },
    { ...unsubscribed("gina@example.fr", "PUBLISHER"), guid: "7", data_firstname: "Gina" },
    { email: "hugo@example.fr", guid: "8", data_firstname: "Hugo", subscribed_at },
    { email: "ines@example.fr", guid: "9", data_firstname: "Inès", subscribed_at },
    { email: "jules@example.fr", data_firstname: "Jules", subscribed_at: minutesLater(4) },
    unsubscribed("karim@example.fr", "READER"),
    { email: "Karim@example.fr", subscribed_at },
    { email: "lina@example.fr", guid: "14", data_firstname: "Lina", subscribed_at },
    { email: "nora@example.fr", guid: "13", data_firstname: "Nora", subscribed_at },
    { email: "quentin@example.fr", data_firstname: "Quentin", subscribed_at: minutesLater(-120) },
    { ...unsubscribed("rosa.old@example.fr", "READER"), guid: "15" },
    { ...unsubscribed("samir@example.fr", "PUBLISHER"), guid: "16", data_firstname: "Samir" },
  ];
}

/** The publisher's database, as SQL. */
export const sampleDatabase = `
  create table readers (
    email text, guid text, daily boolean, left_by text, consented_at timestamptz, first_name text,
    left_at timestamptz, bounced_at timestamptz
  );
  insert into readers values
    ('anna@example.fr',    '1',  true,  null,     '2024-01-15 08:00+00', 'Anna'),
    ('bruno@example.fr',   '2',  true,  null,     '2024-01-15 08:00+00', 'Bruno'),
    ('chloe@example.fr',   '3',  true,  null,     '2025-06-01 10:00+00', 'Chloé'),
    ('david@example.fr',   '4',  true,  null,     '2026-04-01 10:00+00', 'David'),
    ('emma@example.fr',    '5',  true,  null,     '2025-06-01 10:00+00', 'Emma'),
    ('farid@example.fr',   '6',  true,  null,     '2025-06-01 10:00+00', 'Farid'),
    ('gina@example.fr',    '7',  true,  null,     '2025-06-01 10:00+00', 'Gina'),
    ('hugo@example.fr',    '8',  false, 'READER', '2024-01-15 08:00+00', 'Hugo'),
    ('Léa@Example.fr',     '10', true,  null,     '2026-05-01 10:00+00', 'Léa'),
    ('marc@example.fr',    '11', true,  null,     '2026-05-01 10:00+00', 'Marc'),
    ('Marc@example.fr',    '12', true,  null,     '2026-05-02 10:00+00', 'Marc'),
    ('nora@example',       '13', true,  null,     '2026-05-01 10:00+00', 'Nora'),
    ('oscar@example.fr',   '11', true,  null,     '2026-05-01 10:00+00', 'Oscar'),
    ('paul@example.fr',    '10', true,  null,     '2026-05-01 10:00+00', 'Paul'),
    ('lina@example.fr',    '14', null,  null,     '2024-01-15 08:00+00', 'Lina'),
    ('rosa@example.fr',    '15', true,  null,     '2025-06-01 10:00+00', 'Rosa'),
    ('samir@example.fr',   '16', true,  null,     '2026-04-01 10:00+00', 'Samir');
`;

export const sampleQuery = `
  select email, guid, daily and bounced_at is null as subscribed, left_by as unsubscribed_cause, consented_at,
    first_name as data_firstname
  from readers`;

/** Who writes the returns: a user that may do what the statements do, and nothing else. */
export const sampleWriter = "newsletter_writer";
export const sampleGrants = `
  grant select (email, daily, consented_at, bounced_at),
    insert (email, daily, consented_at, first_name),
    update (daily, left_by, left_at, bounced_at)
  on readers to ${sampleWriter}`;

/** Who left, who bounced, and who is new. */
export const sampleStatements = [
  `update readers r
  set daily = false, left_by = c.cause, left_at = coalesce(c.changed_at, now())
  from changes c
  where lower(r.email) = c.address and c.kind = 'unsubscribed' and r.daily
    and (r.consented_at > c.changed_at and r.consented_at < now() + interval '5 minutes') is not true`,
  `update readers r
  set bounced_at = coalesce(c.changed_at, now())
  from changes c
  where lower(r.email) = c.address and c.kind = 'bounced' and r.bounced_at is null`,
  `insert into readers (email, daily, consented_at, first_name)
  select c.email, true, c.changed_at, c.fields->>'data_firstname'
  from changes c
  where c.kind = 'subscribed' and not exists (select from readers r where lower(r.email) = c.address)`,
];

/** Whom the database heard of, a line for each, as text. */
export const sampleToldReaders = `
  select format('%-18s  %s', email, concat_ws(' ',
    'daily=' || daily, 'left_by=' || left_by, 'left_at=' || left_at::date, 'bounced_at=' || bounced_at::date
  )) as line
  from readers
  where left_at is not null or bounced_at is not null or guid is null
  order by email`;
