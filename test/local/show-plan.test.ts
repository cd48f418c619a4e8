import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { showPlan } from "../../infra/local/show-plan.ts";
import { left, planOf, subscribe } from "../planning/sample-plan.ts";

const plan = planOf([left, subscribe("anna@example.fr", { data_city: "Lyon ".repeat(30) })]);
const streamWith = (more: object) => Object.assign(new PassThrough(), more) as unknown as NodeJS.WriteStream;
const terminal = (columns: number) =>
  streamWith({ isTTY: true, columns, getColorDepth: () => 8, hasColors: () => true });

test("a terminal gets colours, and nothing else does", () => {
  const inColours = showPlan(plan, terminal(80));
  expect(inColours).toContain("\u001b[");
  expect(showPlan(plan, streamWith({}))).toBe(stripVTControlCharacters(inColours));
});

test.each([80, 132])("the plan is as wide as a terminal of %s columns", (columns) => {
  const lines = stripVTControlCharacters(showPlan(plan, terminal(columns))).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
});
