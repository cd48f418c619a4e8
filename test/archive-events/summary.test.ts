import { describe, expect, test } from "vitest";
import type { FileReport } from "../../functions/archive-events/report.ts";
import { summaryOf } from "../../functions/archive-events/summary.ts";

const file = (outcome: FileReport["outcome"], day = 1): FileReport => ({
  event: "nl_click",
  date: `2026-11-0${day}`,
  key: "events/…",
  outcome,
  reason: "shrank",
});
const failure = { name: "ArchiveIncompleteError", message: "shown elsewhere", actor: "operator" } as const;

describe("the summary of the archive", () => {
  test("counts files by what became of them, and leaves out what did not happen", () => {
    const files = [file("stored"), file("stored", 2), file("empty", 3)];
    expect(summaryOf({ files, settled: 40 })).toBe("files: stored 2, without rows 1, fetched earlier 40");
    expect(summaryOf({ files: [] })).toBe("nothing was stored");
  });

  test("names the first files that failed, and who acts", () => {
    const files = [file("stored"), ...[2, 3, 4, 5].map((day) => file("failed", day))];
    expect(summaryOf({ files }, failure)).toBe(
      "files: stored 1; 4 files failed: nl_click of 2026-11-02, nl_click of 2026-11-03, nl_click of 2026-11-04, 1 more" +
        "; ArchiveIncompleteError, the operator mends it",
    );
  });

  test("says which files are lost for good, and how a range goes on", () => {
    expect(summaryOf({ files: [file("unavailable")], lost: 1 })).toBe(
      "files: not at the provider 1; 1 file lost: no run asks for it again",
    );
    const next = { from: "2026-11-02", to: "2026-11-30" };
    expect(summaryOf({ files: [file("stored")], left: 29, next })).toBe(
      'files: stored 1; 29 left for the event {"from":"2026-11-02","to":"2026-11-30"}',
    );
    expect(summaryOf({ files: [file("stored")], left: 2 })).toBe("files: stored 1; 2 left for the next run");
  });

  test("says that nothing was fetched, and who acts", () => {
    expect(summaryOf({}, { ...failure, name: "CredentialError" })).toBe(
      "nothing was fetched; CredentialError, the operator mends it",
    );
  });
});
