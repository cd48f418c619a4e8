import { expect, test } from "vitest";
import * as z from "zod";
import { describeIssue, tellKnownFields } from "../../functions/platform/describe-issue.ts";

const schema = z.strictObject({
  timeZone: z.string().default("Europe/Paris"),
  lists: z.record(
    z.string().regex(/^[a-z]+$/, "expected small letters"),
    z.strictObject({
      source: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("csv"), uri: z.string() }),
        z.strictObject({ kind: z.literal("postgres"), query: z.string() }),
      ]),
      sync: z.strictObject({ schedule: z.string() }).optional(),
      import: z.strictObject({ schedule: z.string(), rows: z.int() }).partial().prefault({}),
    }),
  ),
});
const source = { kind: "csv", uri: "s3://a/b" };

function problemsOf(value: unknown): string[] | undefined {
  return schema.safeParse(value, tellKnownFields).error?.issues.map(describeIssue);
}

test.each([
  ["a slip", { timezone: "UTC", lists: {} }, '(did you mean "timeZone"?): the fields are timeZone, lists'],
  [
    "a field of a field, which names where it belongs",
    { lists: { daily: { source, schedule: "rate(1 hour)" } } },
    'lists.daily: unknown field "schedule" (it belongs in "sync" or "import"): the fields are source, sync, import',
  ],
  [
    "a field of the other kind of source",
    { lists: { daily: { source: { ...source, query: "select 1" } } } },
    'lists.daily.source: unknown field "query": the fields are kind, uri',
  ],
  [
    "two unknown fields at once",
    { lists: {}, colour: 1, shape: 2 },
    'unknown field "colour", unknown field "shape": the fields are timeZone, lists',
  ],
  ["a name that may be an address", { lists: {}, "a@b.fr": 1 }, "unknown field whose name is not shown: the"],
  ["a field that is missing", {}, "lists: missing, expected record"],
  ["a key that is no name", { lists: { Daily: {} } }, "lists.Daily: expected small letters"],
])("%s is told with what is known there", (_, value, message) => {
  expect(problemsOf(value)?.join()).toContain(message);
});

test("no value is ever shown", () => {
  const value = { timeZone: 5, lists: { daily: { source: { kind: "s3cret" }, sync: "s3cret" } } };
  expect(problemsOf(value)?.join()).not.toMatch(/s3cret|5/);
});
