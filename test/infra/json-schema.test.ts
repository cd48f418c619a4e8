import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";
import { configurationJsonSchema } from "../../infra/json-schema.ts";
import { context } from "./example.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const schema = z.fromJSONSchema(JSON.parse(read("infra/newsletter.schema.json")));

test("infra/newsletter.schema.json is what `npm run schema` writes", () => {
  expect(read("infra/newsletter.schema.json")).toBe(configurationJsonSchema());
});

test("an editor accepts the example, which names the schema", () => {
  const example = JSON.parse(read("infra/newsletter.example.json"));
  expect(example.$schema).toBe("./infra/newsletter.schema.json");
  schema.parse(example);
});

test("an editor accepts a list that leaves the rest to the defaults, and takes one back", () => {
  const { sync, source, ...daily } = context.newsletter.lists.daily;
  const { query, ...database } = source;
  const lists = { daily: { ...daily, source: { query }, sync: null } };
  schema.parse({ ...context.newsletter, defaults: { source: database, sync }, lists });
});

test.each([
  ["an unknown field of the defaults", { defaults: { graceHour: 1 } }],
  ["an unknown field of a list", { lists: { daily: { ...context.newsletter.lists.daily, graceHour: 1 } } }],
  ["an unknown field", { alarmMail: "ops@example.fr" }],
  ["a field of the wrong type", { timeZone: 1 }],
  ["an unknown provider", { provider: { kind: "other", secret: "s" } }],
])("an editor marks %s", (_, changes) => {
  expect(schema.safeParse({ ...context.newsletter, ...changes }).success).toBe(false);
});
