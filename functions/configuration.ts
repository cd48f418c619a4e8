import * as z from "zod";
import { InvalidEventError } from "./domain/errors.ts";
import { limitsSchema } from "./domain/limits.ts";
import { eventNames } from "./providers/event-columns.ts";
import {
  accountChoices,
  hasEventFiles,
  knowsAccountChoices,
  listIdSchema,
  listIdSchemasOf,
  type ProviderConfiguration,
  providerSchema,
} from "./providers/provider-configuration.ts";
import { sinkSchema } from "./sinks/sink.ts";
import { sourceSchema } from "./sources/source.ts";

/** How a list is imported as CSV files. */
export const importSchema = z.strictObject({
  /** How many rows a file may have. More rows of a group of changes go into several files, each with its header. */
  rowsPerFile: z.int().min(1).default(1_000_000),
  /**
   * How long the provider may fetch a file, in minutes. The link expires earlier if the credentials that sign it
   * do: those of a function in Lambda live for some hours, 12 at the most.
   */
  linkMinutes: z
    .int()
    .min(1)
    .max(12 * 60)
    .default(60),
  /** How long a run watches the provider's counts for the import's effect, in seconds, before it compares both sides again. */
  settleSeconds: z.int().min(0).max(840).default(300),
});

/** One list: where its subscribers come from, and what a run may do to it. */
export const listSchema = z.strictObject({
  /** Identifies the list at its provider. Each kind of provider has ids of its own. */
  id: listIdSchema,
  /** The account that the list is at. @default the configuration's provider */
  provider: providerSchema.optional(),
  source: sourceSchema,
  /** Where goes what readers did at the provider. @default it is counted, and goes nowhere */
  returns: sinkSchema.optional(),
  limits: limitsSchema,
  /** Whether an approval has to say who approves. */
  requireApprovedBy: z.boolean().default(false),
  /** What happens to a subscribed address that the source does not have. */
  onlyAtProvider: z.enum(["unsubscribe", "keep", "return"]).default("unsubscribe"),
  /** The columns (`data_*`) in which the provider is right: they are returned to the database, not sent. */
  providerFields: z.array(z.string().regex(/^data_/, 'expected a name that begins with "data_"')).default([]),
  /** Whether a bounced address that the source still has is subscribed again. */
  resubscribeBounced: z.boolean().default(false),
  /**
   * Which unsubscriptions by the publisher are lifted without a newer consent: those that a run did, if the source gives
   * no consents, or all.
   */
  resubscribePublisher: z.enum(["ours", "always"]).default("ours"),
  /** For how many hours an address that the source does not have is left alone after it subscribed at the provider. */
  graceHours: z
    .number()
    .min(0)
    .max(24 * 30)
    .default(24),
  /**
   * Whether it is known of everybody at the provider who is not on the list that they never left it. Else whoever is known
   * there from before the first run may have left, and is subscribed by a newer consent alone.
   *
   * @default unknown
   */
  joinKnown: z.literal("always", 'expected "always"').optional(),
  /**
   * Whether readers who opted out of everything, and consented anew since, are sent the one mail with which the provider
   * asks them.
   *
   * @default false
   */
  askAgain: z.boolean().optional(),
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
export const listsConfigurationSchema = z
  .strictObject({
    timeZone: timeZoneSchema,
    /** For every list without one of its own. Never left out: the archive, which every deployment has, is at it too. */
    provider: providerSchema,
    lists: z.record(listNameSchema, listSchema).refine(hasAny, "expected one list at least"),
  })
  .superRefine(refuseForeignIds)
  .superRefine(refuseReturnsToNowhere)
  .superRefine(refuseForeignChoices);

interface Lists {
  readonly provider: ProviderConfiguration;
  readonly lists: Readonly<Record<string, ListConfiguration>>;
}

/** Which ids are right is up to each list's provider. */
function refuseForeignIds({ provider, lists }: Lists, context: z.core.$RefinementCtx): void {
  for (const [name, list] of Object.entries(lists)) {
    const { any: idSchema } = listIdSchemasOf(list.provider ?? provider);
    for (const { message } of idSchema.safeParse(list.id).error?.issues ?? []) {
      context.addIssue({ code: "custom", path: ["lists", name, "id"], message });
    }
  }
}

/** Else a reader would be kept whom the database never hears of. */
function refuseReturnsToNowhere({ lists }: Lists, context: z.core.$RefinementCtx): void {
  for (const [name, { onlyAtProvider, returns }] of Object.entries(lists)) {
    if (onlyAtProvider !== "return" || returns !== undefined) continue;
    const message = '"return" needs "returns", which says where to; "keep" leaves them as they are';
    context.addIssue({ code: "custom", path: ["lists", name, "onlyAtProvider"], message });
  }
}

function refuseForeignChoices({ provider, lists }: Lists, context: z.core.$RefinementCtx): void {
  for (const [name, list] of Object.entries(lists)) {
    if (knowsAccountChoices(list.provider ?? provider)) continue;
    for (const choice of accountChoices) {
      if (list[choice] === undefined) continue;
      const message = "the list's provider has no use for it";
      context.addIssue({ code: "custom", path: ["lists", name, choice], message });
    }
  }
}

/**
 * The list that an event names.
 *
 * @param goodEvent is shown in the error, with the name of a list that exists
 * @throws InvalidEventError when there is no such list
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

/** Said of a provider whose events are to be archived. */
export const noEventFiles = "this provider has no files of events, so there is nothing to archive";

export const eventNameSchema = z.enum(eventNames);

/** Which days of which events are archived. */
export const archiveSchema = z.strictObject({
  /** How many days before today a run takes care of. */
  lookBackDays: z.int().min(1).max(60).default(7),
  events: z
    .array(eventNameSchema)
    .min(1)
    .default([...eventNames]),
});

/** What the function that archives events needs to know. */
export const archiveConfigurationSchema = z.strictObject({
  timeZone: timeZoneSchema,
  provider: providerSchema.refine(hasEventFiles, noEventFiles),
  archive: archiveSchema,
});

export function hasAny(lists: object): boolean {
  return Object.keys(lists).length > 0;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // Not an offset: EventBridge Scheduler does not take one, and it has no summer time.
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
