import { expect, test } from "vitest";
import { readText } from "../docs/read-pages.ts";
import { monthlyCosts, totalOf } from "./costs.ts";
import { context } from "./example.ts";
import { synthesise } from "./synthesise.ts";
import { alarmNames } from "./template.ts";

const { daily } = context.newsletter.lists;

/** So many lists, synced hourly and imported weekly, with an archive of the night. */
function deploymentOf(count: number, others = {}) {
  const list = { ...daily, import: { schedule: "cron(0 5 ? * MON *)" } };
  const lists = Array.from({ length: count }, (_, number) => [`list-${number}`, { ...list, id: number + 1 }]);
  return synthesise({ lists: Object.fromEntries(lists), ...others });
}

test.each([
  ["thirty hourly lists", {}],
  ["thirty hourly lists with pushes", { push: {} }],
])("%s have at most twelve alarms, and cost at most 25 dollars a month", (_, others) => {
  const thirty = deploymentOf(30, others);
  expect(Object.values(thirty).flatMap((template) => alarmNames(template)).length).toBeLessThanOrEqual(12);
  expect(totalOf(monthlyCosts(thirty))).toBeLessThanOrEqual(25);
});

test.each([1, 30, 200])("the manual says what %d lists cost", (count) => {
  const costs = monthlyCosts(deploymentOf(count));
  const rows = readText("docs/deploy.md")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const heads = rows.find((cells) => cells.includes("30 lists")) ?? [];
  const column = heads.findIndex((cell) => cell === `${count} list${count === 1 ? "" : "s"}`);
  const told = Object.fromEntries(rows.map((cells) => [cells[1], cells[column]]));
  for (const [what, dollars] of Object.entries({ ...costs, "in all": totalOf(costs) })) {
    expect([what, told[what]]).toEqual([what, dollars.toFixed(2)]);
  }
});
