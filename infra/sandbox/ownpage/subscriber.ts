import { hash } from "node:crypto";
import * as z from "zod";

/** The documented fields; others (data_*, and any name in the legacy API) are attributes. */
const subscriberSchema = z.looseObject({
  email: z.string(),
  guid: z.string(),
  subscribed: z.boolean(),
  subscribed_at: z.string(),
  unsubscribed_at: z.string().exactOptional(),
  unsubscribed_cause: z.string().exactOptional(),
  last_sent_at: z.string().exactOptional(),
  last_open_at: z.string().exactOptional(),
  last_click_at: z.string().exactOptional(),
  send_count: z.number().exactOptional(),
  open_count: z.number().exactOptional(),
  click_count: z.number().exactOptional(),
});

/** A subscriber as the provider has it. Never changed in place: a list must see every change. */
export type Subscriber = Readonly<z.infer<typeof subscriberSchema>>;

/** What a test specifies: the address, and whatever else matters to it. */
export const subscriberSeedSchema = subscriberSchema.extend({
  guid: z.string().exactOptional(),
  subscribed: z.boolean().exactOptional(),
  subscribed_at: z.string().exactOptional(),
});

export type SubscriberSeed = z.infer<typeof subscriberSeedSchema>;

/** The documented fields, in the order of a row. */
export const documentedFields = Object.keys(subscriberSchema.shape);

/** The guid of a reader to whom the publisher gave none. */
export const defaultGuid = (email: string): string => hash("md5", email);

/** Completes a seed with what the provider would have set at the time `at`. */
export function completeSubscriber(seed: SubscriberSeed, at: Date): Subscriber {
  const time = at.toISOString();
  const counters = { send_count: 0, open_count: 0, click_count: 0 };
  const completed = {
    guid: defaultGuid(seed.email),
    subscribed: true,
    subscribed_at: time,
    ...counters,
    ...seed,
  };
  if (completed.subscribed) return completed;
  return { unsubscribed_at: time, unsubscribed_cause: "READER", ...completed };
}

export function subscribe(subscriber: Subscriber, at: Date): Subscriber {
  const { unsubscribed_at: _at, unsubscribed_cause: _cause, ...kept } = subscriber;
  return { ...kept, subscribed: true, subscribed_at: at.toISOString() };
}

export function unsubscribe(subscriber: Subscriber, cause: string, at: Date): Subscriber {
  return { ...subscriber, subscribed: false, unsubscribed_at: at.toISOString(), unsubscribed_cause: cause };
}
