import { expect, test } from "vitest";
import { ImportWorld } from "../import-subscribers/import-world.ts";
import { joined, left, PushWorld, queued } from "../push-changes/push-world.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { codeIn, sectionOf, tablesIn } from "./read-pages.ts";

/** The numbers that a table of the manual explains; `.bounced` after `kept.optedOut` is `kept.bounced`. */
function explained(heading: string): string[] {
  const [numbers] = tablesIn(sectionOf("docs/report.md", heading));
  return (numbers ?? []).slice(1).flatMap(([cell = ""]) => {
    const [first = "", ...others] = codeIn(cell);
    const group = first.split(".")[0] ?? "";
    return [first, ...others.map((name) => (name.startsWith(".") ? group + name : name))];
  });
}

/** The paths of a report's numbers; an array counts as one. */
function numbersOf(report: object): string[] {
  return Object.entries(report).flatMap(([name, value]) =>
    Array.isArray(value) || typeof value !== "object"
      ? [name]
      : Object.keys(value).map((key) => `${name}.${key}`),
  );
}

function expectExplained(heading: string, report: object): void {
  const known = explained(heading);
  const numbers = numbersOf(report);
  const isExplained = (path: string) => known.includes(path) || known.includes(path.split(".")[0] ?? "");
  expect(numbers.filter((path) => !isExplained(path))).toEqual([]);
  expect(
    known.filter((path) => !numbers.some((number) => number.split(".")[0] === path || number === path)),
  ).toEqual([]);
}

test("the manual explains every number of a sync's report, and no other", async () => {
  const world = new SyncWorld([], [{ email: "anna@example.fr" }]);
  const { planId } = await world.run({ mode: "plan" });
  const { mode: _, list: __, ...report } = await world.run({ apply: planId });
  expectExplained("sync-subscribers", report);
});

test("the manual explains every number of an import's report, and no other", async () => {
  const world = new ImportWorld([], [{ email: "anna@example.fr" }]);
  const { check } = await world.run({ dryRun: true });
  const { list: _, ...report } = await world.run(check.event);
  expectExplained("import-subscribers", report);
});

test("the manual explains every number of a report on pushes, and no other", async () => {
  const world = new PushWorld([], [], { limits: { subscribe: { ratio: 0, floor: 0 } } });
  world.provider.subscribers.set("bob@example.fr", { subscribed: false, cause: "READER", fields: {} });
  const held = Array.from({ length: 11 }, (_, n) => queued(joined(`reader-${n}@example.fr`)));
  const { list: _, failure: __, ...report } = await world.push([...held, queued(left("bob@example.fr"))]);
  const { approval } = await world.push({ list: "daily", approve: ["subscribe"] });
  expectExplained("push-changes", { ...report, approval, kept: 1, applied: 1 });
});
