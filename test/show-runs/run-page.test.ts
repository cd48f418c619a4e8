import { HtmlValidate } from "html-validate";
import { expect, test } from "vitest";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { planPageKey, runPageKey } from "../../functions/platform/storage/page-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { ImportWorld } from "../import-subscribers/import-world.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";
import { named, PagesWorld, readable, runIdAt } from "./pages-world.ts";

/** Bars have their length from a style of their own: that is what they are. */
const validator = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:document"],
  rules: { "no-inline-style": "off" },
});

async function expectValid(page: string): Promise<void> {
  const { results } = await validator.validateString(page);
  expect(
    results.flatMap(({ messages }) => messages.map(({ message, line }) => `${line}: ${message}`)),
  ).toEqual([]);
}

const held = { subscribed: true, fields: {} };

/** Of 200 subscribers the database has 100, one new one, and one who has left at the provider. */
function shrunk(): SyncWorld {
  const left = { ...held, subscribed: false, cause: "READER" as const, unsubscribedAt: Date.UTC(2026, 4, 1) };
  const subscribers = Array.from(
    { length: 200 },
    (_, n) => [`reader${n}@x.fr`, n === 0 ? left : held] as const,
  );
  const rows = [...Array.from({ length: 100 }, (_, n) => `reader${n}@x.fr`), "new@x.fr"];
  return new SyncWorld(
    subscribers,
    rows.map((email) => ({ email })),
    { returns: { kind: "csv" } },
  );
}

/** Runs a sync, has its report stored as the handler does, and draws its page. */
async function drawSync(world: SyncWorld, event: object, days = 0) {
  const id = runIdAt(days);
  const run = { ...testRun<SyncReport>(), id };
  const error = await world.run(event, run).then(
    () => undefined,
    ({ name, message, actor }) => ({ name, message, actor }),
  );
  const outcome = error === undefined ? "succeeded" : "failed";
  const report = {
    run: id,
    outcome,
    summary: "daily: did what it did",
    startedBy: "schedule",
    error,
    ...run.report,
  };
  const pages = new PagesWorld(world.store);
  await pages.report(named(id), report);
  await pages.show(named(id));
  return {
    pages,
    report,
    page: pages.text(runPageKey(named(id))),
    plan: pages.text(planPageKey("daily", id)),
  };
}

/** Every number and text of a report, however deep. */
function leavesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return value === undefined ? [] : [String(value)];
  return Object.values(value).flatMap(leavesOf);
}

function expectEveryNumber(page: string, report: object): void {
  const text = readable(page);
  expect(leavesOf(report).filter((leaf) => !text.includes(leaf))).toEqual([]);
}

test.each(["plan", "apply", "return"])(
  "a sync in mode %s has a page with every number, and no address",
  async (mode) => {
    const { page, report } = await drawSync(shrunk(), { mode });
    await expectValid(page);
    expectEveryNumber(page, report);
    expect(page).not.toMatch(/@x\.fr|reader\d/);
  },
);

test("what exceeds a limit stands on the page with the event that approves it, and how near each limit is", async () => {
  const { page, report } = await drawSync(shrunk(), { mode: "apply" });
  const text = readable(page);
  expect(text).toContain(JSON.stringify(report.check?.event));
  expect(report.check?.limits).toContainEqual({ limit: "unsubscribe", used: 100, allowed: 99 });
  expect(page).toContain('href="https://example.org/runbook#a-plan-was-refused"');
  expect(text).toMatch(/unsubscribe\s+exceeded\s+100\s+99/);
});

test("a limit that is used up and holds nothing back is not shown as exceeded", async () => {
  const limits = [
    { limit: "reject", used: 5, allowed: 0 },
    { limit: "update", used: 9, allowed: 10 },
    { limit: "resubscribe", used: 0, allowed: 0 },
  ];
  const pages = new PagesWorld();
  await pages.report(named(runIdAt(0)), {
    outcome: "succeeded",
    check: { safe: true, refusals: [], limits },
  });
  await pages.show(named(runIdAt(0)));
  const page = pages.text(runPageKey(named(runIdAt(0))));
  expect(
    Array.from(page.matchAll(/<i class="(\w*)" style="width:([\d.]+)%/g), ([, tone, width]) => [tone, width]),
  ).toEqual([
    ["near", "100.0"],
    ["near", "90.0"],
    ["none", "0.0"],
  ]);
  expect(page).not.toMatch(/<small class="red">exceeded/);
});

test("the plan has a page with the first rows of each group behind folds, which the run's page links to", async () => {
  const { page, plan, report } = await drawSync(shrunk(), { mode: "plan" });
  expect(page).toContain(`href="../../../${planPageKey("daily", report.planId ?? "")}"`);
  await expectValid(plan);
  expect(plan.match(/reader\d+@x\.fr/g)).toHaveLength(51);
  expect(readable(plan)).toMatch(/unsubscribe \(missing\): 100\s+The first 50; 50 more are not shown/);
  expect(plan).not.toContain("<details open");
});

test("the page of a plan shows the beginning of a value that is a whole text", async () => {
  const fields = { data_firstname: "x".repeat(100_000) };
  const world = new SyncWorld([["anna@x.fr", held]], [{ email: "anna@x.fr" }, { email: "new@x.fr", fields }]);
  const { plan } = await drawSync(world, { mode: "plan" });
  expect(plan).toMatch(/data_firstname=x{300,400}…</);
  expect(plan.length).toBeLessThan(20_000);
});

test("an approval's page links to the page of the plan that was approved", async () => {
  const world = shrunk();
  const { report } = await drawSync(world, { mode: "plan" });
  const { page, pages } = await drawSync(
    world,
    { apply: report.planId, approve: ["unsubscribe"], approvedBy: "Anna" },
    1,
  );
  expect(page).toContain(`href="../../../${planPageKey("daily", report.planId ?? "")}"`);
  expect(readable(page)).toContain("unsubscribe by Anna");
  expect(pages.keys().filter((key) => key.endsWith("plan.html"))).toHaveLength(1);
});

test("an import has a page with its files and every number, which links to its plan as text", async () => {
  const world = new ImportWorld([], [{ email: "anna@x.fr" }, { email: "bob@x.fr" }]);
  const run = { ...testRun<ImportReport>(), id: runIdAt(0) };
  await world.run({}, run);
  const pages = new PagesWorld();
  const name = named(run.id, "daily", "import-subscribers");
  await pages.report(name, { outcome: "succeeded", summary: "daily: wrote 2 rows", ...run.report });
  await pages.show(name);
  const page = pages.text(runPageKey(name));
  await expectValid(page);
  expectEveryNumber(page, run.report);
  expect(page).toContain(`href="../../../imports/daily/${run.id}/plan.md"`);
  expect(page).not.toContain("@x.fr");
});

test("a run of the archive has a page with its files", async () => {
  const pages = new PagesWorld();
  const name = named(runIdAt(0), "events", "archive-events");
  const file = {
    event: "nl_click",
    date: "2018-02-15",
    key: "events/a",
    rows: 12,
    bytes: 3456,
    outcome: "stored",
  };
  const lost = {
    event: "nl_open",
    date: "2018-02-15",
    key: "events/b",
    outcome: "failed",
    reason: "its end is missing",
  };
  const report = {
    outcome: "succeeded",
    files: [file, lost],
    settled: 41,
    left: 0,
    requests: { sent: 9, retried: 1 },
    ms: 900,
  };
  await pages.report(name, report);
  await pages.show(name);
  const page = pages.text(runPageKey(name));
  await expectValid(page);
  expectEveryNumber(page, report);
  expect(readable(page)).toMatch(/nl_open\s+2018-02-15\s+–\s+–\s+failed\s+its end is missing/);
});

test("a failure says who acts, and where the runbook says how", async () => {
  const world = shrunk();
  world.rows = [];
  const { page } = await drawSync(world, { mode: "apply" });
  await expectValid(page);
  expect(readable(page)).toMatch(/SourceError.*The operator mends it\./s);
  expect(page).toContain("#sourceerror");
});

test.each([
  [
    "of a run that could not begin",
    { outcome: "failed", error: { name: "ConfigurationError", message: "lists: no", actor: "operator" } },
  ],
  [
    "of an older version",
    {
      outcome: "succeeded",
      planned: { subscribe: 3 },
      kept: 7,
      check: { safe: true },
      applied: { accepted: 3 },
    },
  ],
  [
    "of a first plan that could not be made",
    { outcome: "succeeded", mode: "plan", firstPlan: { problem: "no value yet" } },
  ],
  ["that is empty", {}],
  ["that is none", [1]],
])("a report %s has a page without what is missing", async (_, report) => {
  const pages = new PagesWorld();
  await pages.report(named(runIdAt(0)), report);
  await pages.show(named(runIdAt(0)));
  const page = pages.text(runPageKey(named(runIdAt(0))));
  await expectValid(page);
  expectEveryNumber(page, report);
  await expectValid(pages.text("reports/index.html"));
  expect(page).not.toMatch(/undefined|NaN/);
});

test("no text of a report becomes a tag, ends an attribute or hides", async () => {
  const hostile = `"><script>alert('x')</script>&amp;\u202e`;
  const pages = new PagesWorld();
  const error = { name: hostile, message: hostile, actor: "operator" };
  const check = { refusals: [{ limit: hostile, message: hostile }], event: { list: hostile } };
  await pages.report(named(runIdAt(0)), {
    outcome: "failed",
    summary: hostile,
    startedBy: hostile,
    error,
    check,
    notes: [hostile],
    approval: { apply: hostile, approvedBy: hostile },
    [hostile]: hostile,
  });
  await pages.show(named(runIdAt(0)));
  for (const page of [runPageKey(named(runIdAt(0))), "reports/index.html"].map((key) => pages.text(key))) {
    await expectValid(page);
    expect(page).not.toMatch(/<script|\u202e/);
    expect(page).toContain("&lt;script&gt;");
  }
});

test("a plan that has expired or was altered has no page, and its run still has one", async () => {
  const world = shrunk();
  const { report } = await drawSync(world, { mode: "plan" });
  const pages = new PagesWorld(world.store);
  const [chunk = ""] = pages.keys().filter((key) => key.endsWith(".gz"));
  world.store.objects.delete(chunk);
  world.store.objects.delete(planPageKey("daily", report.planId ?? ""));
  const shown = await pages.show(named(runIdAt(0)));
  expect(shown).toEqual({ run: runPageKey(named(runIdAt(0))), index: "reports/index.html" });
});
