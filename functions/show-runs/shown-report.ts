import * as z from "zod";
import { keptReasons } from "../domain/plan.ts";
import { returnKinds } from "../domain/return.ts";

/** What does not match is left out: a page of an older or a newer report shows less, and is no error. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);

const text = lenient(z.string());
/** What counts: a number of another kind would make an index that cannot be read. */
const count = lenient(z.number().nonnegative());
const fieldsOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, count])) as Record<Name, typeof count>;
const countsOf = <Name extends string>(names: readonly Name[]) => lenient(z.object(fieldsOf(names)));

const kinds = ["unsubscribe", "subscribe", "resubscribe", "update"] as const;
const plannedKinds = [...kinds, "unchanged"] as const;
const unapplied = ["accepted", "quarantined", "refusedAgain", "stale", "waiting", "left"] as const;
const desiredCounts = [
  "subscribed",
  "unsubscribed",
  "undecided",
  "rejected",
  "duplicates",
  "sharedGuids",
  "unreadableConsents",
] as const;

const fileSchema = z.object({
  group: text,
  event: text,
  date: text,
  rows: count,
  bytes: count,
  outcome: text,
  reason: text,
  announced: lenient(z.boolean()),
  import: lenient(z.object({ status: text })),
});

const reportSchema = z.object({
  outcome: lenient(z.enum(["succeeded", "failed", "duplicate"])),
  summary: text,
  startedBy: text,
  error: lenient(z.object({ name: z.string(), message: z.string(), actor: text })),
  mode: text,
  dryRun: lenient(z.boolean()),
  firstPlan: lenient(z.object({ problem: text })),
  planId: text,
  planText: text,
  approval: lenient(z.object({ apply: text, approve: lenient(z.array(z.string())), approvedBy: text })),
  sourceReadAt: text,
  check: lenient(
    z.object({
      refusals: lenient(z.array(z.object({ limit: z.string(), message: z.string() }))),
      limits: lenient(z.array(z.object({ limit: z.string(), used: z.number(), allowed: z.number() }))),
      event: lenient(z.looseObject({})),
    }),
  ),
  current: countsOf(["subscribed", "unsubscribed"]),
  oddRows: count,
  desired: countsOf(desiredCounts),
  planned: lenient(z.object({ ...fieldsOf(plannedKinds), returns: countsOf(returnKinds) })),
  kept: countsOf(keptReasons),
  applied: countsOf([...kinds, ...unapplied]),
  returned: countsOf(["taken", "stale", "waiting", "left", "notTaken"]),
  remaining: countsOf(kinds),
  files: lenient(z.array(fileSchema)),
  notes: lenient(z.array(z.string())),
  requests: countsOf(["sent", "retried"]),
  ms: count,
});

/** What pages show of a report, whatever job it is of. */
export type ShownReport = z.infer<typeof reportSchema>;

/** A report as it is stored: what pages know of it, and all that it says. */
export interface ReadReport {
  readonly report: ShownReport;
  readonly everything: unknown;
}

/** Reads a stored report. What is none has nothing to show. */
export function readReport(bytes: Uint8Array): ReadReport {
  const everything = jsonOf(bytes);
  return { report: reportSchema.catch(reportSchema.parse({})).parse(everything), everything };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
}

/** Whether a run only looked. */
export function isLook({ mode, dryRun }: ShownReport): boolean {
  return mode === "plan" || dryRun === true;
}
