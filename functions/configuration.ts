import * as z from "zod";
import { InvalidEventError } from "./domain/errors.ts";
import { limitsSchema } from "./domain/safety.ts";
import { eventNames } from "./providers/ownpage/event-columns.ts";
import { ownpageConfigurationSchema } from "./providers/ownpage/schema.ts";
import { sourceSchema } from "./sources/source.ts";

/** How a list is imported as a CSV. */
export const importSchema = z.strictObject({
  /** How many rows a file may have: more are cut into several, each with its header. */
  rowsPerFile: z.int().min(1).default(1_000_000),
  /**
   * How long the provider may fetch a file, in minutes. The link ends earlier where the credentials that sign it
   * do: those of a function in Lambda live for some hours, 12 at the most.
   */
  linkMinutes: z
    .int()
    .min(1)
    .max(12 * 60)
    .default(60),
  /** How many rows may say that somebody is unsubscribed, beside the list's limit: a source may keep old opt-outs. */
  allowUnsubscribed: z.int().nonnegative().default(0),
  /** How long a run watches the provider's counts for what the import does, in seconds. */
  settleSeconds: z.int().min(0).max(840).default(300),
});

/** One list: where its subscribers come from, and what a run may do to it. */
export const listSchema = z.strictObject({
  /** The list's number at the provider; left out, the provider's older API of one implicit list is used. */
  id: z.int().positive().optional(),
  source: sourceSchema,
  limits: limitsSchema,
  /** What becomes of a subscribed address that the source does not have. */
  onlyAtProvider: z.enum(["unsubscribe", "keep"]).default("unsubscribe"),
  /** Whether a bounced address that the source still has is subscribed again. */
  resubscribeBounced: z.boolean().default(false),
  /** How many changes go into one request. */
  batchSize: z.int().min(1).max(20_000).default(10_000),
  import: importSchema.prefault({}),
});
export type ListConfiguration = z.infer<typeof listSchema>;

/** A list's name in events, keys, metrics and messages. */
export const listNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "expected lower-case letters, digits and hyphens, 40 at the most");

export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, "expected a time zone's name, such as Europe/Paris")
  .default("Europe/Paris");

/** What the functions that work on lists need to know. */
export const listsConfigurationSchema = z.strictObject({
  timeZone: timeZoneSchema,
  provider: ownpageConfigurationSchema,
  lists: z.record(listNameSchema, listSchema).refine(hasAny, "expected one list at least"),
});

/**
 * The list that an event names.
 *
 * @param goodEvent is shown, with a list that there is, when there is none of that name
 * @throws InvalidEventError
 */
export function findList(
  lists: Readonly<Record<string, ListConfiguration>>,
  name: string,
  goodEvent: object,
): ListConfiguration {
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
  if (list !== undefined) return list;
  const known = Object.keys(lists);
  const problem = `list: there is no list "${name}", but ${known.join(", ")}`;
  throw new InvalidEventError(problem, { ...goodEvent, list: known[0] ?? "daily" });
}

export const eventNameSchema = z.enum(eventNames);

/** Which days of which events are kept. */
export const archiveSchema = z.strictObject({
  /** How many days before today are looked after. */
  lookBackDays: z.int().min(1).max(60).default(7),
  events: z
    .array(eventNameSchema)
    .min(1)
    .default([...eventNames]),
});

/** What the function that archives events needs to know. */
export const archiveConfigurationSchema = z.strictObject({
  timeZone: timeZoneSchema,
  provider: ownpageConfigurationSchema,
  archive: archiveSchema,
});

export function hasAny(lists: object): boolean {
  return Object.keys(lists).length > 0;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // An offset is no name: EventBridge Scheduler takes none, and it knows no summer time.
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
