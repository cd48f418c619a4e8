import { expect, test } from "vitest";
import { type RunIndex, runsNamed } from "../../functions/show-runs/run-index.ts";
import { showRuns } from "../../functions/show-runs/show-runs.ts";
import { june, named, PagesWorld, readable, runIdAt } from "./pages-world.ts";

const dayMs = 24 * 60 * 60 * 1000;
const did = { outcome: "succeeded", summary: "daily: subscribed 3" };
const looked = { outcome: "succeeded", mode: "plan", summary: "daily: would subscribe 4" };

/** The index of these runs, a day apart. */
async function indexOf(reports: readonly object[]): Promise<PagesWorld> {
  const world = new PagesWorld();
  for (const [day, report] of reports.entries()) {
    world.now = june + day * dayMs;
    await world.report(named(runIdAt(day)), report);
    await world.show(named(runIdAt(day)));
  }
  return world;
}

/** The overview of all lists, as a person reads it. */
function overviewOf(world: PagesWorld): string {
  const [, overview = ""] = world.text("reports/index.html").split("<h2>Lists</h2>");
  return readable(overview.split("</section>")[0]!).replaceAll(/\s+/g, " ");
}

const subjectsOf = (world: PagesWorld): RunIndex["subjects"] =>
  JSON.parse(world.text("reports/index.json")).subjects;

test("a look is not shown as a run that succeeded, neither on its page nor in the index", async () => {
  const world = await indexOf([did, looked]);
  expect(world.text(`reports/sync-subscribers/daily/${runIdAt(1)}.html`)).toContain(
    '<span class="badge">only looked</span>',
  );
  const page = world.text("reports/index.html");
  expect(page.match(/<span class="badge succeeded">/g)).toHaveLength(2);
  expect(page).toContain('<span class="badge">only looked</span>');
});

test("the run that the overview shows is the last one that did something, however many looks came after it", async () => {
  const world = await indexOf([did, ...Array.from({ length: runsNamed + 2 }, () => looked)]);
  expect(overviewOf(world)).toMatch(
    /succeeded .*subscribed 3.* What the next run will do.*would subscribe 4/,
  );
  const { last } = subjectsOf(world)["sync-subscribers/daily"]!;
  expect(last).toHaveLength(runsNamed);
  expect(last.at(-1)?.run).toBe(runIdAt(0));
});

test("a run that left its event to another one is neither the last run nor in the plots", async () => {
  const duplicate = { outcome: "duplicate", summary: "daily: a duplicate of another run" };
  const world = await indexOf([did, duplicate]);
  expect(overviewOf(world)).toMatch(/succeeded .*subscribed 3/);
  expect(world.text("reports/index.html")).toContain('<span class="badge duplicate">');
  expect(Object.keys(subjectsOf(world)["sync-subscribers/daily"]!.points)).toEqual([runIdAt(0)]);
});

test("a list that no run has changed yet shows its last look, once", async () => {
  const overview = overviewOf(await indexOf([looked, looked]));
  expect(overview.match(/would subscribe 4/g)).toHaveLength(1);
  expect(overview).toContain("only looked");
});

test("a look that failed does not tell what the next run will do", async () => {
  const failed = { ...looked, outcome: "failed", summary: "daily: nothing was sent; SourceError" };
  const overview = overviewOf(await indexOf([did, failed]));
  expect(overview).toContain("What the next run will do could not be seen, as of");
});

test("a list that was renamed or removed leaves the index with its last report", async () => {
  const world = await indexOf([did]);
  const other = named(runIdAt(300), "weekly");
  const later = named(runIdAt(401), "weekly");
  for (const name of [other, later]) {
    world.now = june + (name === other ? 300 : 401) * dayMs;
    await world.report(name, did);
    await world.show(name);
    const lists = Object.keys(subjectsOf(world));
    expect(lists.includes("sync-subscribers/daily")).toBe(name === other);
  }
  await showRuns({ rebuild: true }, world.dependencies);
  expect(Object.keys(subjectsOf(world))).toEqual(["sync-subscribers/weekly"]);
});

test("numbers that no run has do not make an index that cannot be read", async () => {
  const world = await indexOf([
    { ...did, ms: -5, current: { subscribed: -1 }, applied: { accepted: -2 } },
    did,
  ]);
  let rebuilt = 0;
  const { listKeys } = world.dependencies;
  world.dependencies = {
    ...world.dependencies,
    listKeys(prefix) {
      rebuilt += 1;
      return listKeys(prefix);
    },
  };
  await world.show(named(runIdAt(1)));
  expect(rebuilt).toBe(0);
});

test.each(["20261301T090000Z", "20260341T090000Z", "20260301T250000Z", "20260301T096000Z"])(
  "an object whose name tells no time does not keep the index from being made anew: %s",
  async (time) => {
    const world = new PagesWorld();
    await world.report(named(`${time}-07a615b6`), did);
    await world.report(named(runIdAt(0)), did);
    await showRuns({ rebuild: true }, world.dependencies);
    expect(subjectsOf(world)["sync-subscribers/daily"]?.last.map(({ run }) => run)).toEqual([runIdAt(0)]);
  },
);
