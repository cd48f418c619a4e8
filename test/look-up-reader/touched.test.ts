import { expect, test } from "vitest";
import type { TouchingRun } from "../../functions/look-up-reader/read-history.ts";
import { touchesOf } from "../../functions/look-up-reader/touched.ts";
import type { HistoryRecord } from "../../functions/platform/storage/history/history-block.ts";

const run = {
  ...{ run: "run-1", at: "2026-06-01T00:00:00.000Z", job: "sync-subscribers", startedBy: "schedule" },
  ...{ isOver: true, hasTold: false, delivers: new Set(["optOut"]) },
} as const;

function outcomes(stages: readonly HistoryRecord["stage"][], about: Partial<TouchingRun> = {}): string[] {
  const records = stages.map((stage) => ({ deed: "optOut", stage, reason: "", at: undefined }) as const);
  return touchesOf({ ...run, records, ...about } as TouchingRun, ["why"]).map(({ outcome }) => outcome);
}

test("of two spellings of a reader, of which the provider took one and refused the other, both is told", () => {
  expect(outcomes(["planned", "planned", "done", "refused"])).toEqual(["done", "refused"]);
});

test("what a run planned is told as done only if it was", () => {
  expect(outcomes(["planned", "done"])).toEqual(["done"]);
  expect(outcomes(["planned", "refused"])).toEqual(["refused"]);
  expect(outcomes(["planned"])).toEqual(["not done"]);
  expect(outcomes(["planned"], { delivers: new Set() })).toEqual(["waits"]);
  expect(outcomes(["planned"], { isOver: false })).toEqual(["unknown"]);
  expect(outcomes(["planned"], { job: "import-subscribers" })).toEqual(["done"]);
});
