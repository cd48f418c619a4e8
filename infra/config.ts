import * as z from "zod";
import {
  archiveSchema,
  hasAny,
  importSchema,
  listNameSchema,
  listSchema,
  listsConfigurationSchema,
  noEventFiles,
  timeZoneSchema,
} from "../functions/configuration.ts";
import {
  hasEventFiles,
  listIdSchemasOf,
  type ProviderConfiguration,
} from "../functions/providers/provider-configuration.ts";
import { environmentFields } from "./environment.ts";
import { existingSchema } from "./existing.ts";
import { resourcesSchema } from "./function-resources.ts";
import { parseWith } from "./parse-with.ts";
import { pushSchema } from "./push-limits.ts";
import { retentionSchema } from "./retention.ts";
import { scheduleSchema } from "./schedule.ts";
import { watchedSchedules } from "./watched-schedules.ts";

const scheduled = z.strictObject({ schedule: scheduleSchema });

const scheduledListSchema = listSchema.extend({
  /** When the full diff runs; left out, it runs by hand only. */
  sync: scheduled.optional(),
  /** When a run looks at what the next one will do, and changes nothing; left out, by hand only. */
  preview: scheduleSchema.optional(),
  /** How the list is imported as a CSV, and when; without a schedule, by hand only. */
  import: importSchema.extend(scheduled.partial().shape).prefault({}),
});

/** Without the rules of how fields fit together. */
export const fieldsSchema = listsConfigurationSchema.safeExtend({
  /** Where an editor finds the schema of this file. */
  $schema: z.string().optional(),
  ...environmentFields,
  /** Who gets the alarms; left out, they go to a topic that nobody has subscribed to yet. */
  alarmEmail: z.email().optional(),
  /** Where the alarms' links find the runbook, if it is no longer docs/runbook.md. */
  runbookUrl: z.url().optional(),
  existing: existingSchema,
  /** For how many days what the functions store is kept, in buckets that are created here. */
  retention: retentionSchema,
  timeZone: timeZoneSchema,
  /** What every list has that does not say otherwise; checked in the lists, which have it by then. */
  defaults: z.record(z.string(), z.unknown()).optional(),
  lists: z.record(listNameSchema, scheduledListSchema).refine(hasAny, "expected one list at least"),
  /** The events that are archived, and when; without a schedule, by hand only. */
  archive: archiveSchema.extend(scheduled.partial().shape).prefault({}),
  /** Takes one reader's change at once; left out, nothing of it is deployed. */
  push: pushSchema.optional(),
  functions: z
    .strictObject({
      // Sync and import hold both sides of the list in memory, about 75 bytes an address; the archive holds parts of a file.
      "sync-subscribers": resourcesSchema(1024),
      "import-subscribers": resourcesSchema(1024),
      "archive-events": resourcesSchema(512),
      "watch-runs": resourcesSchema(256),
      "show-runs": resourcesSchema(1024),
      // It reads both sides, as a sync does.
      "look-up-reader": resourcesSchema(1024),
      "push-changes": resourcesSchema(1024, 5),
    })
    .prefault({}),
  network: z
    .strictObject({
      vpcId: z.string().min(1),
      subnetIds: z.array(z.string().min(1)).min(1),
      securityGroupIds: z.array(z.string().min(1)).min(1),
    })
    .optional(),
});
type Fields = z.infer<typeof fieldsSchema>;

/** What the publisher configures: one file. */
const configurationSchema = fieldsSchema
  .superRefine(refuseSharedIds)
  .superRefine(refuseImportsWithoutId)
  .superRefine(refuseArchiveWithoutFiles);
export type Configuration = z.infer<typeof configurationSchema>;
export type FunctionName = keyof Configuration["functions"];

/** A configuration that is to be deployed, which may not name what only this machine has. */
const deploymentSchema = configurationSchema.superRefine(refuseLocalFiles).superRefine(refusePlainHttp);

/** @throws Error that names everything that is wrong and what was expected there */
export function parseConfiguration(json: unknown): Configuration {
  return parseWith(configurationSchema, json);
}

/** @throws Error as parseConfiguration does, also for what only this machine has */
export function parseDeployment(json: unknown): Configuration {
  return parseWith(deploymentSchema, json);
}

function refuseLocalFiles({ lists }: Fields, context: z.core.$RefinementCtx): void {
  for (const [name, { source }] of Object.entries(lists)) {
    if (source.kind !== "csv" || source.uri.startsWith("s3://")) continue;
    const message = "expected s3://bucket/key, as a function in AWS has no files of this machine";
    context.addIssue({ code: "custom", path: ["lists", name, "source", "uri"], message });
  }
}

function refusePlainHttp(fields: Fields, context: z.core.$RefinementCtx): void {
  for (const [field, provider] of namedProviders(fields)) {
    for (const [name, value] of Object.entries(provider)) {
      if (!name.endsWith("Url") || String(value).startsWith("https://")) continue;
      const message = "expected https://, as what is sent holds a key and addresses";
      context.addIssue({ code: "custom", path: [...field.split("."), name], message });
    }
  }
}

/** Every provider, by its field. */
function namedProviders({ provider, lists }: Fields): [field: string, provider: ProviderConfiguration][] {
  const own = Object.entries(lists).flatMap(([name, list]): [string, ProviderConfiguration][] =>
    list.provider === undefined ? [] : [[`lists.${name}.provider`, list.provider]],
  );
  return [["provider", provider], ...own];
}

/** Every provider account, each once: the one of all lists without their own first. */
export function providerAccounts(configuration: Configuration): ProviderConfiguration[] {
  const accounts = new Map<string, ProviderConfiguration>();
  for (const [, provider] of namedProviders(configuration)) {
    if (!accounts.has(provider.secret)) accounts.set(provider.secret, provider);
  }
  return [...accounts.values()];
}

/**
 * The part of the configuration that a function reads, as JSON, from the file beside its bundle. That of a job has no
 * schedules, so that a new schedule needs no new bundle of it.
 */
export function functionConfiguration(configuration: Configuration, functionName: string): unknown {
  const { timeZone, provider, lists, archive, runbookUrl, functions } = configuration;
  switch (functionName) {
    case "sync-subscribers":
    case "import-subscribers":
    case "look-up-reader":
    case "push-changes": {
      const unscheduled = Object.entries(lists).map(([name, { sync: _, preview: __, ...list }]) => [
        name,
        { ...list, import: withoutSchedule(list.import) },
      ]);
      return { timeZone, provider, lists: Object.fromEntries(unscheduled) };
    }
    case "archive-events":
      return { timeZone, provider, archive: withoutSchedule(archive) };
    case "watch-runs":
      return { schedules: watchedSchedules(configuration) };
    case "show-runs": {
      const memoryMb = Object.entries(functions).map(([name, resources]) => [name, resources.memoryMb]);
      return { runbookUrl, memoryMb: Object.fromEntries(memoryMb) };
    }
    default:
      throw new Error(`there is no function ${functionName}`);
  }
}

function withoutSchedule(settings: object): object {
  const { schedule: _, ...rest }: { schedule?: string } = settings;
  return rest;
}

function refuseSharedIds({ provider, lists }: Fields, context: z.core.$RefinementCtx): void {
  const owners = new Map<string, string>();
  for (const [name, { id, ...list }] of Object.entries(lists)) {
    const { secret } = list.provider ?? provider;
    const key = JSON.stringify([secret, id]);
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, name);
    else {
      const what = id === undefined ? "no id" : `the id ${id}`;
      const message = `has ${what}, as lists.${owner} has: two lists of one id would undo each other's work`;
      context.addIssue({ code: "custom", path: ["lists", name, "id"], message });
    }
  }
}

function refuseArchiveWithoutFiles({ provider, archive }: Fields, context: z.core.$RefinementCtx): void {
  if (archive.schedule === undefined || hasEventFiles(provider)) return;
  context.addIssue({ code: "custom", path: ["archive", "schedule"], message: noEventFiles });
}

function refuseImportsWithoutId({ provider, lists }: Fields, context: z.core.$RefinementCtx): void {
  for (const [name, list] of Object.entries(lists)) {
    if (list.import.schedule === undefined) continue;
    const { imported: idSchema } = listIdSchemasOf(list.provider ?? provider);
    const { error } = idSchema.safeParse(list.id);
    if (error === undefined) continue;
    const { message } = error.issues[0]!;
    context.addIssue({ code: "custom", path: ["lists", name, "id"], message });
  }
}
