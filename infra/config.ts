import * as z from "zod";
import {
  archiveSchema,
  hasAny,
  importSchema,
  listNameSchema,
  listSchema,
  listsConfigurationSchema,
  timeZoneSchema,
} from "../functions/configuration.ts";
import { scheduleSchema } from "./schedule.ts";

const scheduled = z.strictObject({ schedule: scheduleSchema });

const scheduledListSchema = listSchema.extend({
  /** When the full diff runs; left out, it runs by hand only. */
  sync: scheduled.optional(),
  /** How the list is imported as a CSV, and when; without a schedule, by hand only. */
  import: importSchema.extend(scheduled.partial().shape).prefault({}),
});

/** What a function gets of Lambda. Its CPU grows with its memory. */
const resourcesSchema = (memoryMb: number) =>
  z
    .strictObject({
      memoryMb: z.int().min(128).max(10_240).default(memoryMb),
      /** Lambda gives 15 at the most. */
      timeoutMinutes: z.int().min(1).max(15).default(15),
    })
    .prefault({});

const bucketNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected a bucket's name, not its ARN or URL");

/** What is there already and is not created again: what a removal has left, or somebody else has made. */
const existingSchema = z
  .strictObject({
    /** The secret that `provider.secret` names. */
    providerSecret: z.boolean().default(false),
    /** The account's registry of test events, which Lambda's console makes for whoever shares one. */
    testEventRegistry: z.boolean().default(false),
    /** A bucket keeps its lifetimes and its policy, which are its owner's. */
    exchangeBucket: bucketNameSchema.optional(),
    archiveBucket: bucketNameSchema.optional(),
  })
  .prefault({});
export type Existing = z.infer<typeof existingSchema>;

/** The publisher's one block of configuration: cdk.json's context "newsletter". */
const configurationSchema = listsConfigurationSchema.extend({
  /** Who gets the alarms; left out, a topic gets them that nobody has subscribed to yet. */
  alarmEmail: z.email().optional(),
  /** Where the alarms' links find the runbook, when that is no longer docs/runbook.md. */
  runbookUrl: z.url().optional(),
  existing: existingSchema,
  timeZone: timeZoneSchema,
  lists: z
    .record(listNameSchema, scheduledListSchema)
    .refine(hasAny, "expected one list at least")
    .superRefine(refuseSharedIds)
    .superRefine(refuseImportsWithoutId),
  /** The events that are kept, and when that is done: without a schedule, by hand only. */
  archive: archiveSchema.extend(scheduled.partial().shape).prefault({}),
  functions: z
    .strictObject({
      // The sync holds the provider's list in memory, some 75 bytes an address; the others hold a few parts of a file.
      "sync-subscribers": resourcesSchema(1024),
      "import-subscribers": resourcesSchema(512),
      "archive-events": resourcesSchema(512),
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
export type Configuration = z.infer<typeof configurationSchema>;
export type FunctionName = keyof Configuration["functions"];

/** @throws Error that names every field which is not right and what was expected there */
export function parseConfiguration(json: unknown): Configuration {
  const parsed = configurationSchema.safeParse(json);
  if (!parsed.success) throw wrong(parsed.error.issues.map(describeIssue));
  return parsed.data;
}

/**
 * A configuration that is to be deployed: what only this machine has is no longer right.
 *
 * @throws Error as parseConfiguration
 */
export function parseDeployment(json: unknown): Configuration {
  const configuration = parseConfiguration(json);
  const problems = Object.entries(configuration.lists).flatMap(([name, { source }]) =>
    source.kind === "csv" && !source.uri.startsWith("s3://")
      ? [
          `lists.${name}.source.uri: expected s3://bucket/key, as a function in AWS has no files of this machine`,
        ]
      : [],
  );
  if (!configuration.provider.baseUrl.startsWith("https://")) {
    problems.push("provider.baseUrl: expected https://, as what is sent holds a key and addresses");
  }
  if (problems.length > 0) throw wrong(problems);
  return configuration;
}

function wrong(problems: readonly string[]): Error {
  return new Error(
    `the configuration is not right:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}

/**
 * The share of the configuration that a function reads, as JSON, from the file beside its bundle: without the
 * schedules, as a new one needs no new bundle.
 */
export function functionConfiguration(configuration: Configuration, functionName: string): unknown {
  const { timeZone, provider, lists, archive } = configuration;
  switch (functionName) {
    case "sync-subscribers":
    case "import-subscribers": {
      const unscheduled = Object.entries(lists).map(([name, { sync: _, ...list }]) => [
        name,
        { ...list, import: withoutSchedule(list.import) },
      ]);
      return { timeZone, provider, lists: Object.fromEntries(unscheduled) };
    }
    case "archive-events":
      return { timeZone, provider, archive: withoutSchedule(archive) };
    default:
      throw new Error(`there is no function ${functionName}`);
  }
}

function withoutSchedule(settings: object): object {
  const { schedule: _, ...rest }: { schedule?: string } = settings;
  return rest;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const { path } = issue;
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  if (path.length > 0) return `${path.join(".")}: ${message}`;
  const place = 'the context "newsletter" of cdk.json, or a file of the same JSON';
  return issue.code === "invalid_type" ? `${message}: ${place}` : message;
}

function refuseSharedIds(
  lists: Record<string, { id?: number | undefined }>,
  context: z.core.$RefinementCtx,
): void {
  const owners = new Map<number | undefined, string>();
  for (const [name, { id }] of Object.entries(lists)) {
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, name);
    else {
      const what = id === undefined ? "no id, which means the legacy list," : `the id ${id},`;
      const message = `has ${what} as lists.${owner} has: two lists of one id would undo each other's work`;
      context.addIssue({ code: "custom", path: [name, "id"], message });
    }
  }
}

function refuseImportsWithoutId(
  lists: Record<string, z.infer<typeof scheduledListSchema>>,
  context: z.core.$RefinementCtx,
): void {
  for (const [name, { id, import: imported }] of Object.entries(lists)) {
    if (id !== undefined || imported.schedule === undefined) continue;
    const message = "an import needs it: the older API, of one implicit list, has none";
    context.addIssue({ code: "custom", path: [name, "id"], message });
  }
}
