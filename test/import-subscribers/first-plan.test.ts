import { expect, test } from "vitest";
import { SourceError } from "../../functions/domain/errors.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { summaryOf } from "../../functions/import-subscribers/summary.ts";
import { testRun } from "../support/test-run.ts";
import { ImportWorld } from "./import-world.ts";

const scheduledAt = "2026-06-01T00:00:00Z";
const rows = [{ email: "anna@x.fr" }, { email: "bob@x.fr" }];

test("before a person has approved a plan of the list, the schedule writes files and tells the provider nothing", async () => {
  const world = new ImportWorld([], [...rows]);
  const report = await world.run({ scheduledAt });
  expect(report).toMatchObject({ dryRun: true, firstPlan: {}, planned: { subscribe: 2 } });
  expect(world.announced).toEqual([]);
  expect(summaryOf(report)).toBe(
    "a first plan waits for a person; wrote 2 rows into 1 file; the provider was told nothing; " +
      `${JSON.stringify(report.check.event)} imports it and lets the schedule begin`,
  );
});

test("what keeps the schedule from planning then stands in its summary, and fails no run", async () => {
  const world = new ImportWorld([], [...rows]);
  const error = new SourceError("the server", "nobody answers");
  world.openSource = () => Promise.reject(error);
  const run = testRun<ImportReport>();
  await world.run({ scheduledAt }, run);
  expect(summaryOf(run.report)).toBe(`no first plan yet: ${error.name}, ${error.message}`);
});

test("a first load by hand lets the schedule begin", async () => {
  const world = new ImportWorld([], [...rows]);
  expect(await world.run()).toMatchObject({ isFirstApproval: true });
  world.rows.push({ email: "cid@x.fr" });
  await world.run({ scheduledAt });
  expect(world.announced.map(({ email }) => email)).toContain("cid@x.fr");
});

test("so does the approval of the schedule's own plan", async () => {
  const world = new ImportWorld([], [...rows]);
  const { check } = await world.run({ scheduledAt });
  expect(await world.run(check.event)).toMatchObject({ isFirstApproval: true });
  expect(world.announced).toHaveLength(2);
});

test("a dry run by hand does not", async () => {
  const world = new ImportWorld([], [...rows]);
  await world.run({ dryRun: true });
  await world.run({ scheduledAt });
  expect(world.announced).toEqual([]);
});
