import * as z from "zod";
import {
  hasAny,
  listNameSchema,
  listSchema,
  listsConfigurationSchema,
  timeZoneSchema,
} from "../functions/configuration.ts";

const scheduleSchema = z
  .string()
  .regex(
    /^(rate\(\d+ (minute|hour|day)s?\)|cron\([^()]+\))$/,
    'expected "rate(1 hour)" or "cron(0 5 ? * MON *)"',
  );
const scheduled = z.strictObject({ schedule: scheduleSchema });

const archivedEvents = [
  "nl_click",
  "nl_display",
  "nl_send",
  "nl_subscribe",
  "nl_unsubscribe",
  "nl_bounce",
  "nl_complaint",
] as const;

const scheduledListSchema = listSchema.extend({
  /** When the full diff runs; left out, it runs by hand only. */
  sync: scheduled.optional(),
  /** When the list is imported as a CSV; left out, by hand only. */
  import: scheduled.optional(),
});

/** The publisher's one block of configuration: cdk.json's context "newsletter". */
const configurationSchema = listsConfigurationSchema.extend({
  alarmEmail: z.email().optional(),
  timeZone: timeZoneSchema,
  lists: z
    .record(listNameSchema, scheduledListSchema)
    .refine(hasAny, "expected one list at least")
    .superRefine(refuseSharedIds),
  archive: scheduled
    .extend({
      lookBackDays: z.int().min(1).max(60).default(7),
      events: z
        .array(z.enum(archivedEvents))
        .min(1)
        .default([...archivedEvents]),
    })
    .optional(),
  network: z
    .strictObject({
      vpcId: z.string().min(1),
      subnetIds: z.array(z.string().min(1)).min(1),
      securityGroupIds: z.array(z.string().min(1)).min(1),
    })
    .optional(),
});
export type Configuration = z.infer<typeof configurationSchema>;

/** @throws Error that names every field which is not right and what was expected there */
export function parseConfiguration(json: unknown): Configuration {
  const parsed = configurationSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(describeIssue);
  throw new Error(`the configuration is not right:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
}

/** The share of the configuration that a function reads, as JSON, from the file beside its bundle. */
export function functionConfiguration(configuration: Configuration, functionName: string): unknown {
  if (functionName !== "sync-subscribers") throw new Error(`there is no function ${functionName}`);
  const { timeZone, provider, lists } = configuration;
  const withoutSchedules = Object.entries(lists).map(([name, { sync: _, import: __, ...list }]) => [
    name,
    list,
  ]);
  return { timeZone, provider, lists: Object.fromEntries(withoutSchedules) };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const { path } = issue;
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
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
