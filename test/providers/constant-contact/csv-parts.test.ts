import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import { csvOf, csvParts } from "../../../functions/providers/constant-contact/csv-parts.ts";
import { importLimits } from "../../../functions/providers/constant-contact/import-changes.ts";

const change = (n: number, fields: Record<string, string>): Change => ({
  kind: "subscribe",
  email: `reader${n}@example.org`,
  fields,
  saw: null,
  reason: "a test",
});

test("a file has a value in each cell, under the provider's headings", () => {
  const parts = [
    ...csvParts([
      change(1, { guid: "1", data_first_name: 'A "b", c', data_member: "" }),
      change(2, { guid: "2" }),
      change(3, { data_first_name: "C\nD", guid: "3" }),
    ]),
  ];
  expect(parts.map((part) => parse(csvOf(part), { columns: true }))).toEqual([
    [
      { "cf:guid": "1", email: "reader1@example.org", first_name: 'A "b", c' },
      { "cf:guid": "3", email: "reader3@example.org", first_name: "C\nD" },
    ],
    [{ "cf:guid": "2", email: "reader2@example.org" }],
  ]);
});

test("no file has more rows or bytes than an import may have, and no row is lost", () => {
  const long = "é".repeat(120);
  const changes = Array.from({ length: 90_000 }, (_, n) =>
    change(n, n % 3 === 0 ? { guid: `${n}` } : { guid: `${n}`, data_member: long }),
  );
  const parts = [...csvParts(changes)];
  expect(parts.reduce((sum, part) => sum + part.changes.length, 0)).toBe(90_000);
  for (const part of parts) {
    expect(part.changes.length).toBeLessThanOrEqual(importLimits.rows);
    expect(Buffer.byteLength(csvOf(part))).toBeLessThan(4_000_000);
  }
});
