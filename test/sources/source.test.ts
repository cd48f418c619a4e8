import { expect, test } from "vitest";
import { sourceSchema } from "../../functions/sources/source.ts";

const csv = { kind: "csv", uri: "s3://exports/daily/readers.csv" };
const postgres = { kind: "postgres", secret: "newsletter-sync/database", query: "select email from readers" };

test("a source is a PostgreSQL query or a CSV file, in UTF-8 by default", () => {
  expect(sourceSchema.parse(postgres)).toEqual(postgres);
  expect(sourceSchema.parse(csv)).toEqual({ ...csv, encoding: "utf-8", maxAgeHours: 192 });
  expect(
    sourceSchema.parse({ ...csv, uri: "file:///tmp/readers.csv", encoding: "windows-1252" }),
  ).toBeDefined();
});

test.each([
  ["uri", { ...csv, uri: "https://example.fr/readers.csv" }],
  ["uri", { ...csv, uri: "s3://exports" }],
  ["encoding", { ...csv, encoding: "latin-klingon" }],
  ["query", { ...postgres, query: "" }],
  ["kind", { kind: "mysql" }],
])("a source with an invalid %s is refused by that field", (field, source) => {
  expect(sourceSchema.safeParse(source).error?.issues.map(({ path }) => path)).toEqual([[field]]);
});
