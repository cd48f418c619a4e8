import * as z from "zod";
import { type Return, returnKinds } from "./return.ts";
import { sentCauseSchema, unsubscribeCauseSchema } from "./subscriber.ts";

const fieldsSchema = z.record(z.string(), z.string());

/** What the provider held of an address when the plan was made; null is nothing. Times are ISO 8601. */
const sawSchema = z.strictObject({
  subscribed: z.boolean(),
  cause: unsubscribeCauseSchema.optional(),
  unsubscribedAt: z.iso.datetime().optional(),
  fields: fieldsSchema,
});
export type Saw = z.infer<typeof sawSchema>;

const shared = { email: z.string(), reason: z.string() };

/**
 * One change to one address: a row of a plan. `email` is spelled as it is to be sent, `fields` are the
 * fields to send with it, `saw` is what must still stand at the provider for the change to be right.
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
    /** Nobody said so: the source merely does not have the address. */
    missing: z.literal(true).optional(),
    saw: sawSchema,
  }),
]);
export type Change = z.infer<typeof changeSchema>;

/** Why an address is left as it is although the two sides differ. */
export const keptReasons = [
  "optedOut",
  "bounced",
  "publisher",
  "mayHaveLeft",
  "tempHold",
  "pending",
  "notSet",
  "deleted",
  "undecided",
  "recent",
  "grace",
  "shielded",
  "onlyAtProvider",
  "refused",
] as const;
export type Kept = (typeof keptReasons)[number];

/**
 * What is planned, judged and delivered together, in this order: returns, then changes, of which those that readers made
 * themselves, an `optOut`, wait for no other. An `update` takes something away that the provider has, and a `fill` only
 * adds.
 */
export const groups = [
  "return",
  "optOut",
  "unsubscribe",
  "missing",
  "subscribe",
  "resubscribe",
  "update",
  "fill",
] as const;
export type Group = (typeof groups)[number];
/** A group of changes. */
export type ChangeGroup = Exclude<Group, "return">;
export const changeGroups: readonly ChangeGroup[] = groups.filter((group) => group !== "return");

/** The kind of the changes of each group. */
export const kindOf: Readonly<Record<ChangeGroup, Change["kind"]>> = {
  optOut: "unsubscribe",
  unsubscribe: "unsubscribe",
  missing: "unsubscribe",
  subscribe: "subscribe",
  resubscribe: "resubscribe",
  update: "update",
  fill: "update",
};

export function groupOf(change: Change): ChangeGroup;
export function groupOf(row: Change | Return): Group;
export function groupOf(change: Change | Return): Group {
  if (change.kind === "unsubscribe") {
    if (change.missing) return "missing";
    return change.cause === "READER" ? "optOut" : "unsubscribe";
  }
  if (change.kind !== "update") return change.kind;
  return Object.keys(change.fields).some((name) => change.saw.fields[name]) ? "update" : "fill";
}

const count = z.int().nonnegative();
const countOf = <Name extends string>(names: readonly [Name, ...Name[]]) => z.record(z.enum(names), count);

const planCountsSchema = z.strictObject({
  /** The provider's list as it was read. */
  current: z.strictObject({ subscribed: count, unsubscribed: count }),
  /** The source as it was read, one for each address. */
  desired: z.strictObject({
    subscribed: count,
    unsubscribed: count,
    /** Rows whose `subscribed` is NULL. */
    undecided: count,
    rejected: count,
    duplicates: count,
    sharedGuids: count,
    /** Rows whose consent cannot be believed, and counts as none. */
    unreadableConsents: count,
  }),
  planned: z.strictObject({
    subscribe: count,
    resubscribe: count,
    update: count,
    unsubscribe: count,
    unchanged: count,
    /** What the database is to be told. */
    returns: countOf(returnKinds),
  }),
  kept: countOf(keptReasons),
  /** Of the kept, those who opted out of everything although the database has a newer consent. */
  notLifted: count,
  /** Readers with a field that the database has emptied and the provider has not, because an empty value is never sent. */
  notCleared: count,
  /** Of these groups' changes, those of which the provider refused the same row within the last week. */
  refusedBefore: z.strictObject({ optOut: count, unsubscribe: count }),
});
export type PlanCounts = z.infer<typeof planCountsSchema>;

const planChunkSchema = z.strictObject({
  group: z.enum(groups),
  /** Within the group, from 0. */
  number: count,
  /** How many changes, or returns. */
  changes: count,
  sha256: z.string(),
});
export type PlanChunk = z.infer<typeof planChunkSchema>;

/** A stored plan without its changes. */
export const planSummarySchema = planCountsSchema.extend({
  planId: z.string(),
  list: z.string(),
  createdAt: z.iso.datetime(),
  /** The time whose state of the database was planned for. */
  sourceReadAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** The fields that were compared, in the order in which they are read. */
  columns: z.array(z.string()),
  /** The objects that hold the changes, in the order of the groups, each with the SHA-256 of its NDJSON in hexadecimal. */
  chunks: z.array(planChunkSchema),
});
export type PlanSummary = z.infer<typeof planSummarySchema>;

/** How many changes, or returns, of each group; `Infinity` if that is unknown and has to exceed every limit. */
export type GroupCounts = Readonly<Record<Group, number>>;

export function noChanges(): Record<Group, number> {
  return {
    return: 0,
    optOut: 0,
    unsubscribe: 0,
    missing: 0,
    subscribe: 0,
    resubscribe: 0,
    update: 0,
    fill: 0,
  };
}

/** How many changes of each group a plan holds. */
export function groupCounts({
  chunks,
}: {
  readonly chunks: readonly Pick<PlanChunk, "group" | "changes">[];
}): GroupCounts {
  const counts = noChanges();
  for (const { group, changes } of chunks) counts[group] += changes;
  return counts;
}
