import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { runPageKey } from "../../functions/platform/storage/page-keys.ts";
import { addRun, indexRuns, type RunIndex, runsNamed } from "../../functions/show-runs/run-index.ts";
import { showRuns } from "../../functions/show-runs/show-runs.ts";
import { readReport } from "../../functions/show-runs/shown-report.ts";
import { june, named, PagesWorld, readable, runIdAt } from "./pages-world.ts";

const dayMs = 24 * 60 * 60 * 1000;

function report(subscribed: number, accepted = 1, more: object = {}): object {
  return {
    outcome: "succeeded",
    summary: "daily: did it",
    current: { subscribed },
    applied: { accepted },
    ms: 1000,
    ...more,
  };
}

const indexOf = (world: PagesWorld): RunIndex => JSON.parse(world.text("reports/index.json"));
const dailyOf = (world: PagesWorld) => indexOf(world).subjects["sync-subscribers/daily"]!;

/** A world in which these runs ended, each with its own number of subscribers, and none is shown yet. */
async function worldOf(days: readonly number[]): Promise<PagesWorld> {
  const world = new PagesWorld();
  for (const [number, day] of days.entries()) await world.report(named(runIdAt(day)), report(100 + number));
  world.now = june + Math.max(0, ...days) * dayMs;
  return world;
}

test("lists each list's last runs, and links to their pages", async () => {
  const world = await worldOf([0, 1, 2]);
  await world.report(named(runIdAt(2), "weekly", "import-subscribers"), report(7));
  for (const day of [0, 1, 2]) await world.show(named(runIdAt(day)));
  await world.show(named(runIdAt(2), "weekly", "import-subscribers"));
  const page = world.text("reports/index.html");
  expect(dailyOf(world).last.map(({ run }) => run)).toEqual([2, 1, 0].map((day) => runIdAt(day)));
  for (const day of [0, 1, 2])
    expect(page).toContain(`href="${runPageKey(named(runIdAt(day))).slice("reports/".length)}"`);
  expect(page).toContain('aria-label="Subscribers: provider between 100 and 102, now 102"');
  expect(page).toContain('href="import-subscribers/weekly/');
});

test("where there are many lists, each is behind a fold, into which a link of the overview leads", async () => {
  const world = new PagesWorld();
  const names = Array.from({ length: 6 }, (_, number) => named(runIdAt(0), `list-${number}`));
  for (const name of names) await world.report(name, report(5));
  await showRuns({ rebuild: true }, world.dependencies);
  const [overview = "", ...folds] = world.text("reports/index.html").split(/<details class="printed">/);
  expect(folds).toHaveLength(6);
  for (const [number, fold] of folds.entries()) {
    expect(overview).toContain(`href="#list-${number}">list-${number}</a>`);
    expect(fold).toMatch(
      new RegExp(`<summary>.*list-${number} .*</summary>\\s*<div class="plots" id="list-${number}">`),
    );
  }
});

test("what the next run will do is the last look, as long as no run came after it", async () => {
  const world = await worldOf([0]);
  await world.show(named(runIdAt(0)));
  await world.report(
    named(runIdAt(1)),
    report(90, 0, { mode: "plan", summary: "daily: would unsubscribe 40" }),
  );
  await world.show(named(runIdAt(1)));
  const ahead = "What the next run will do";
  expect(readable(world.text("reports/index.html"))).toMatch(
    /What the next run will do, as of\s.*: would unsubscribe 40/,
  );
  await world.report(named(runIdAt(2)), report(60));
  await world.show(named(runIdAt(2)));
  expect(world.text("reports/index.html")).not.toContain(ahead);
  expect(Object.keys(dailyOf(world).points)).toHaveLength(2);
});

test("an event that comes twice changes nothing but the revision", async () => {
  const world = await worldOf([0, 1]);
  for (const day of [0, 1]) await world.show(named(runIdAt(day)));
  const before = dailyOf(world);
  await world.show(named(runIdAt(0)));
  expect(dailyOf(world)).toEqual(before);
});

const someDays = [0, 0.1, 0.2, 0.5, 1, 1.3, 2];

property.prop([fc.shuffledSubarray(someDays, { minLength: someDays.length })])(
  "the order of events does not matter",
  (order) => {
    const runs = order.map((day) => ({
      name: named(runIdAt(day)),
      report: readReport(Buffer.from(JSON.stringify(report(100 + day)))).report,
      hasPage: true,
    }));
    const now = new Date(june + 2 * dayMs);
    const empty: RunIndex = { version: 1, revision: 0, subjects: {} };
    const added = runs.reduce((index, run) => addRun(index, run, now), empty);
    expect(added).toEqual(indexRuns(runs, now, 0));
  },
);

test("runs that end at once are all in the index and on its page", async () => {
  // An index stands: where none does, it would be made of all their reports.
  const world = await worldOf([0]);
  await world.show(named(runIdAt(0)));
  const names = Array.from({ length: 6 }, (_, number) => named(runIdAt(0), `list-${number}`));
  for (const name of names) await world.report(name, report(5));
  await Promise.all(names.map((name) => world.show(name)));
  expect(Object.keys(indexOf(world).subjects)).toHaveLength(7);
  for (const { subject } of names) expect(world.text("reports/index.html")).toContain(`${subject}/`);
});

test("a page that was drawn of an older index does not replace a newer one", async () => {
  const world = await worldOf([0, 1]);
  const put = world.store.put.bind(world.store);
  let isFirst = true;
  world.store.put = async (key, bytes, condition) => {
    if (key === "reports/index.html" && isFirst) {
      isFirst = false;
      await world.show(named(runIdAt(1)));
    }
    return await put(key, bytes, condition);
  };
  await world.show(named(runIdAt(0)));
  expect(world.text("reports/index.html")).toContain(runIdAt(1));
});

test.each(["lost", "damaged", "of another version"])(
  "an index that is %s is rebuilt of the reports that stand",
  async (how) => {
    const world = await worldOf([0, 1, 2, 3]);
    for (const day of [0, 1, 2]) await world.show(named(runIdAt(day)));
    if (how === "lost") world.store.objects.delete("reports/index.json");
    else
      await world.store.put("reports/index.json", Buffer.from(how === "damaged" ? '{"ver' : '{"version":0}'));
    await world.show(named(runIdAt(3)));
    expect(dailyOf(world).last.map(({ run }) => run)).toEqual([3, 2, 1, 0].map((day) => runIdAt(day)));
    expect(world.text("reports/index.html")).toContain(runIdAt(3));
  },
);

test("a run that was never shown has no link after a rebuilding", async () => {
  const world = await worldOf([0]);
  await showRuns({ rebuild: true }, world.dependencies);
  expect(dailyOf(world).last).toMatchObject([{ run: runIdAt(0), page: false }]);
  expect(world.text("reports/index.html")).not.toContain(`${runIdAt(0)}.html`);
});

test("a report that has expired before its event came has no page, and whoever asked for it hears so", async () => {
  const world = new PagesWorld();
  const missing = `reports/sync-subscribers/daily/${runIdAt(0)}.json`;
  expect(await world.show(named(runIdAt(0)))).toEqual({ missing });
  expect(world.keys()).toEqual([]);
});

test("the index stays small: days that are over are one point, and those of more than 400 days ago are gone", async () => {
  const world = new PagesWorld();
  const hours = Array.from({ length: 20 * 24 }, (_, hour) => hour / 24);
  for (const day of [-500, ...hours]) await world.report(named(runIdAt(day)), report(100, 2));
  world.now = june + 20 * dayMs;
  await showRuns({ rebuild: true }, world.dependencies);
  const { points, last } = dailyOf(world);
  expect(last).toHaveLength(runsNamed);
  expect(Object.keys(points)).toHaveLength(18 + 48);
  expect(points["20260601"]).toEqual([100, null, 48, 0, 0, 1000, 24, 0]);
  await world.show(named(runIdAt(0)));
  expect(dailyOf(world).points).toEqual(points);
});

test("what the function writes is no report, so that it cannot invoke itself", async () => {
  const world = await worldOf([0]);
  const before = world.keys();
  await world.show(named(runIdAt(0)));
  const written = world.keys().filter((key) => !before.includes(key));
  expect(written.toSorted()).toEqual(
    [runPageKey(named(runIdAt(0))), "reports/index.html", "reports/index.json"].toSorted(),
  );
  expect(written.filter((key) => /^reports\/.*\/.*\/.*\.json$/.test(key))).toEqual([]);
});
