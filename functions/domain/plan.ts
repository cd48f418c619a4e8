import * as z from "zod";
import { sentCauseSchema, unsubscribeCauseSchema } from "./subscriber.ts";

const fieldsSchema = z.record(z.string(), z.string());

/** What the provider had of an address when the plan was made. */
const sawSchema = z.strictObject({
  subscribed: z.boolean(),
  cause: unsubscribeCauseSchema.optional(),
  unsubscribedAt: z.iso.datetime().optional(),
  fields: fieldsSchema,
});
export type Saw = z.infer<typeof sawSchema>;

const shared = { email: z.string(), reason: z.string() };

/**
 * One change to one address: a row of a plan. `email` is spelled as it is sent, and `fields` are sent with it. The
 * change is right as long as the provider still has what it `saw`; null is nothing.
 */
export const changeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("subscribe"),
    ...shared,
    fields: fieldsSchema,
    saw: z.null(),
  }),
  z.strictObject({
    kind: z.literal("update"),
    ...shared,
    fields: fieldsSchema,
    saw: sawSchema,
  }),
  z.strictObject({
    kind: z.literal("resubscribe"),
    ...shared,
    fields: fieldsSchema,
    saw: sawSchema,
  }),
  z.strictObject({
    kind: z.literal("unsubscribe"),
    ...shared,
    cause: sentCauseSchema,
    saw: sawSchema,
  }),
]);
export type Change = z.infer<typeof changeSchema>;

const count = z.int().nonnegative();

const planCountsSchema = z.strictObject({
  /** The provider's list as it was read. */
  current: z.strictObject({ subscribed: count, unsubscribed: count }),
  /** The source as it was read. Each address counts once; `duplicates` are the other rows. */
  desired: z.strictObject({
    subscribed: count,
    unsubscribed: count,
    rejected: count,
    duplicates: count,
    sharedGuids: count,
  }),
  planned: z.strictObject({
    subscribe: count,
    resubscribe: count,
    update: count,
    unsubscribe: count,
    unchanged: count,
  }),
  kept: z.strictObject({
    optedOut: count,
    bounced: count,
    recent: count,
    onlyAtProvider: count,
  }),
});
export type PlanCounts = z.infer<typeof planCountsSchema>;

/** A stored plan without its changes. */
export const planSummarySchema = planCountsSchema.extend({
  planId: z.string(),
  list: z.string(),
  createdAt: z.iso.datetime(),
  /** The time of the database's state that the plan is based on. */
  sourceReadAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** The fields that were compared. */
  columns: z.array(z.string()),
  /** The objects with the changes, in order, each with the SHA-256 of its NDJSON in hexadecimal. */
  chunks: z.array(z.strictObject({ changes: count, sha256: z.string() })),
});
export type PlanSummary = z.infer<typeof planSummarySchema>;
