import { describe, expect, test } from "vitest";
import { summaryOf } from "../../functions/import-subscribers/summary.ts";

const rows = { active: 1200, unsubscribed: 34, rejected: 0, duplicates: 0, sharedGuids: 0 };
const files = [
  { key: "imports/1", rows: 1000, bytes: 1, announced: true },
  { key: "imports/2", rows: 234, bytes: 1, announced: true },
] as const;
const after = { subscribed: 1200, unsubscribed: 34 };

describe("the summary of an import", () => {
  test("says what was written, what the provider was told, and what it counts", () => {
    expect(summaryOf({ dryRun: false, rows: { ...rows, rejected: 3 }, files, after, settled: true })).toBe(
      "wrote 1,234 rows into 2 files; the provider was told of 2; 3 set aside; the provider counts 1,200 subscribed",
    );
  });

  test("says that a dry run told the provider nothing", () => {
    const written = files.map(({ announced: _, ...file }) => file);
    expect(summaryOf({ dryRun: true, rows, files: written, after })).toBe(
      "wrote 1,234 rows into 2 files; the provider was told nothing",
    );
  });

  test("says who acts after a failure", () => {
    const failure = { name: "SourceError", message: "shown elsewhere", actor: "operator" } as const;
    expect(summaryOf({}, failure)).toBe("nothing was written; SourceError, the operator mends it");
  });
});
