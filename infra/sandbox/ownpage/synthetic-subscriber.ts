import type { Subscriber } from "./subscriber.ts";

const firstNames = [
  "Zoé",
  "Hélène",
  "François",
  "Anaïs",
  "Noël",
  "Maëlys",
  "Loïc",
  "Chloé",
  "Jean-Rémy",
  "Agnès",
];
const causes = ["READER", "PUBLISHER", "HARD_BOUNCE", "MULTIPLE_BOUNCES"];
const domains = 97;
const firstDay = Date.UTC(2017, 5, 9);
const dayMs = 86_400_000;

// Dates are assembled from parts: toISOString would take longer than the rest of the row.
const days = Array.from({ length: 2_900 }, (_, day) =>
  new Date(firstDay + day * dayMs).toISOString().slice(0, 10),
);
const times = Array.from({ length: 3_600 }, (_, n) => new Date(n * 23_000).toISOString().slice(11));
const dateOf = (day: number, n: number): string => `${days[day]}T${times[n % times.length]}`;

/** The address of reader `n`, e.g. `reader.123@example26.fr`. */
export const syntheticEmail = (n: number): string => `reader.${n}@example${n % domains}.fr`;

/** The inverse of `syntheticEmail`; undefined for any other address. */
export function syntheticNumber(email: string): number | undefined {
  const n = Number(/^reader\.(\d+)@/.exec(email)?.[1]);
  return syntheticEmail(n) === email ? n : undefined;
}

/** Why reader `n` is unsubscribed; undefined for the nine in ten who are not. */
export const syntheticCause = (n: number): string | undefined =>
  n % 10 === 9 ? causes[Math.floor(n / 10) % causes.length] : undefined;

/** Reader `n` in the publisher's own database: a sync has nothing to change. */
export const syntheticSourceRow = (
  n: number,
): { readonly email: string; readonly guid: string; readonly data_firstname: string } => ({
  email: syntheticEmail(n),
  guid: `${1_000_000 + n}`,
  data_firstname: firstNames[Math.floor(n / 3) % firstNames.length]!,
});

/** Reader `n` of a synthetic list: always the same row, about 260 bytes of JSON. */
export function syntheticSubscriber(n: number): Subscriber {
  const subscriptionDay = n % 2_500;
  const cause = syntheticCause(n);
  const opens = n % 5 < 3 ? (n % 70) + 1 : 0;
  const clicks = n % 5 === 0 ? (n % 9) + 1 : 0;
  const { data_firstname, ...identity } = syntheticSourceRow(n);
  return {
    ...identity,
    subscribed: cause === undefined,
    subscribed_at: dateOf(subscriptionDay, n),
    ...(cause !== undefined && {
      unsubscribed_at: dateOf(subscriptionDay + 400, n),
      unsubscribed_cause: cause,
    }),
    last_sent_at: dateOf(subscriptionDay + 399, n),
    ...(opens > 0 && { last_open_at: dateOf(subscriptionDay + 398, n) }),
    ...(clicks > 0 && { last_click_at: dateOf(subscriptionDay + 397, n) }),
    send_count: (n % 300) + 80,
    open_count: opens,
    click_count: clicks,
    data_firstname,
  };
}
