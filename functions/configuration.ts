import * as z from "zod";
import { limitsSchema } from "./domain/safety.ts";
import { ownpageConfigurationSchema } from "./providers/ownpage/schema.ts";
import { sourceSchema } from "./sources/source.ts";

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

export function hasAny(lists: object): boolean {
  return Object.keys(lists).length > 0;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
