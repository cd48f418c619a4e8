import { expect, test } from "vitest";
import { archiveSchema, eventNameSchema, importSchema, listSchema } from "../../functions/configuration.ts";
import { providerSchema } from "../../functions/providers/provider-configuration.ts";
import { parseConfiguration } from "../../infra/config.ts";
import { blocksIn, codeIn, pages, readPage } from "./read-pages.ts";

const configurations = [...pages].flatMap(([page, text]) =>
  blocksIn(text, "json")
    .filter((block) => block.includes('"lists"'))
    .map((block): [string, string] => [page, block]),
);

test("the README, the manual and the page of a provider show whole configurations", () => {
  expect([...new Set(configurations.map(([page]) => page))]).toEqual([
    "README.md",
    "docs/configuration.md",
    "docs/constant-contact.md",
  ]);
});

test.each(configurations)("the configuration that %s shows is right", (_, block) => {
  parseConfiguration(JSON.parse(block));
});

/** The fields and values that the manual names, whether with the path before them or without. */
const named = codeIn(readPage("docs/configuration.md"));

test.each([
  ["", Object.keys(listSchema.shape).filter((field) => !["limits", "import"].includes(field))],
  ["limits.", Object.keys(listSchema.parse(smallest()).limits)],
  ["import.", Object.keys(importSchema.shape)],
  ["archive.", Object.keys(archiveSchema.shape)],
  ["", providerSchema.options.flatMap(({ shape }) => [...shape.kind.values, ...Object.keys(shape)])],
  ["", eventNameSchema.options],
])("the manual names every field under %j", (path, fields) => {
  expect(fields.map((field) => path + field).filter((field) => !named.includes(field))).toEqual([]);
});

function smallest() {
  return { source: { kind: "csv", uri: "s3://our-exports/weekly.csv" } };
}
