import { expect, test } from "vitest";
import { note } from "../../functions/platform/run.ts";
import { testRun } from "../support/test-run.ts";

test("a note is added to the earlier ones", () => {
  const run = testRun<{ notes: readonly string[] }>();
  note(run, "the first");
  note(run, "the second");
  expect(run.report.notes).toEqual(["the first", "the second"]);
});
