import type * as z from "zod";
import { describeIssue, tellKnownFields } from "../functions/platform/describe-issue.ts";
import { atItsOrigin, withListDefaults } from "./list-defaults.ts";

type Issue = z.core.$ZodIssue;

/**
 * Parses a configuration, whose lists take the defaults that they do not overrule, and finds all that is wrong at once. How fields fit together can be checked only where
 * each is right by itself. So what is wrong is taken out, of a list all of it, and the rest is checked again.
 *
 * @throws Error with a line for each problem
 */
export function parseWith<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const problems = new Map<string, string>();
  let rest = json;
  do {
    const parsed = schema.safeParse(withListDefaults(rest), tellKnownFields);
    if (parsed.success && problems.size === 0) return parsed.data;
    const issues = (parsed.error?.issues ?? []).map((issue) => atItsOrigin(issue, rest));
    for (const issue of issues) {
      // What is wrong by itself need not fit: the first problem of a field says enough.
      const place = `${issue.path.join(".")} ${issue.code === "unrecognized_keys"}`;
      if (!problems.has(place)) problems.set(place, describeProblem(issue));
    }
    rest = withoutWrong(rest, issues);
  } while (rest !== undefined);
  const lines = [...problems.values()].map((problem) => `\n  ${problem}`);
  throw new Error(`the configuration is not right:${lines.join("")}`);
}

function describeProblem(issue: Issue): string {
  const isWhole = issue.path.length === 0 && issue.code === "invalid_type";
  const place =
    ": write it to newsletter.json, or name a file of it by -c config=FILE; infra/newsletter.example.json is one to begin with";
  return `${describeIssue(issue)}${isWhole ? place : ""}`;
}

/** What may still be checked; undefined if there is nothing left that could be wrong otherwise. */
function withoutWrong(json: unknown, issues: readonly Issue[]): unknown {
  if (issues.length === 0 || issues.some(concernsAll)) return undefined;
  const { lists = {}, ...fields } = structuredClone(json) as { lists?: Record<string, unknown> };
  const rest: Record<string, unknown> = fields;
  for (const issue of issues) {
    const [field, list] = issue.path;
    if (field === "lists") delete lists[String(list)];
    else if (field !== undefined) delete rest[String(field)];
    else if (issue.code === "unrecognized_keys") for (const key of issue.keys) delete rest[key];
  }
  return Object.keys(lists).length === 0 ? undefined : { ...rest, lists };
}

/** Whether nothing can be checked without what is wrong. */
function concernsAll({ code, path: [field, list] }: Issue): boolean {
  if (field === undefined) return code !== "unrecognized_keys";
  return field === "provider" || field === "defaults" || (field === "lists" && list === undefined);
}
