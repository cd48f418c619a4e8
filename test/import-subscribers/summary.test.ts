import { describe, expect, test } from "vitest";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { summaryOf } from "../../functions/import-subscribers/summary.ts";

const files: ImportReport["files"] = [
  { key: "imports/1", group: "unsubscribe", rows: 34, bytes: 1, announced: true },
  { key: "imports/2", group: "subscribe", rows: 1200, bytes: 1, announced: true },
];
const after = { subscribed: 1200, unsubscribed: 34 };
const nothing = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
const desired = {
  subscribed: 1200,
  unsubscribed: 34,
  undecided: 0,
  rejected: 3,
  duplicates: 0,
  sharedGuids: 0,
  unreadableConsents: 0,
};

describe("the summary of an import", () => {
  test("says what was written, what the provider was told, and what it counts", () => {
    expect(summaryOf({ desired, files, after, settled: true, remaining: nothing })).toBe(
      "wrote 1,234 rows into 2 files; the provider was told of 2; 3 set aside; the provider counts 1,200 subscribed",
    );
  });

  test("says that a dry run told the provider nothing", () => {
    const written = files.map(({ announced: _, ...file }) => file);
    expect(summaryOf({ dryRun: true, files: written })).toBe(
      "wrote 1,234 rows into 2 files; the provider was told nothing",
    );
  });

  test("says that there was nothing to import", () => {
    expect(summaryOf({ files: [] })).toBe("nothing to import");
  });

  test("says what the import left undone, and who acts", () => {
    const failure = { name: "ImportIncompleteError", message: "shown elsewhere", actor: "provider" } as const;
    expect(summaryOf({ files, remaining: { ...nothing, subscribe: 30 } }, failure)).toBe(
      "wrote 1,234 rows into 2 files; the provider was told of 2; left undone: subscribe 30; " +
        "ImportIncompleteError, ask the provider",
    );
  });

  test("shows the event that approves what waits", () => {
    const event = { list: "daily", apply: "plan", approve: ["unsubscribe"] } as const;
    const refusals = [{ limit: "unsubscribe", groups: ["missing"], message: "many" }] as const;
    const failure = { name: "UnsafePlanError", message: "shown elsewhere", actor: "approver" } as const;
    const check = { safe: false, refusals, limits: [], refused: true, event };
    expect(summaryOf({ files, check }, failure)).toBe(
      "wrote 1,234 rows into 2 files; the provider was told of 2; " +
        `some of it waits for approval: ${JSON.stringify(event)}`,
    );
  });

  test("says who acts after a failure", () => {
    const failure = { name: "SourceError", message: "shown elsewhere", actor: "operator" } as const;
    expect(summaryOf({}, failure)).toBe("nothing was written; SourceError, the operator mends it");
  });
});
