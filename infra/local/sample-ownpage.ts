import { startSandbox } from "../sandbox/ownpage/start-sandbox.ts";
import type { SubscriberSeed } from "../sandbox/ownpage/subscriber.ts";
import { type Sample, tellBounces, tellOptOuts, tellSubscriptions } from "./sample-data.ts";

const firstName = "data_firstname";

/** Readers who together show what the sync decides, and which side hears of it. */
export const ownpageSample: Sample = {
  provider: "an Ownpage",
  firstName,
  statements: [
    tellOptOuts("r.consented_at > c.changed_at and r.consented_at < now() + interval '5 minutes'"),
    tellBounces,
    tellSubscriptions(firstName),
  ],
  readers: `
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
    ('samir@example.fr',   '16', true,  null,     '2026-04-01 10:00+00', 'Samir')`,
  start: async () => {
    const subscribers = sampleSubscribers(new Date());
    const { url, credentials, stop } = await startSandbox({
      lists: [{ id: 123, name: "Daily", subscribers }],
    });
    const configuration = { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" };
    return { configuration, credentials, listId: 123, stop };
  },
};

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
