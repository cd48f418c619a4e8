import { expect, test } from "vitest";
import { openLastSuccess } from "../../functions/platform/storage/last-success.ts";
import { lastSuccessKey } from "../../functions/platform/storage/object-keys.ts";
import { watchEventSchema } from "../../functions/watch-runs/event.ts";
import { metricsOf, missingRunsOf } from "../../functions/watch-runs/metrics.ts";
import type { WatchReport } from "../../functions/watch-runs/report.ts";
import { summaryOf } from "../../functions/watch-runs/summary.ts";
import { watchRuns } from "../../functions/watch-runs/watch-runs.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";

const scheduleOf = (subject: string, hours: number) => ({
  function: "sync-subscribers",
  service: "staging-sync-subscribers",
  subject,
  hours,
});
const schedules = [scheduleOf("daily", 4), scheduleOf("weekly", 171)];
const now = new Date("2026-11-30T12:00:00Z");

/** @param successes when each list last succeeded, by its name */
async function watched(successes: Readonly<Record<string, string>>): Promise<Partial<WatchReport>> {
  const store = new InMemoryStore();
  for (const [list, at] of Object.entries(successes)) {
    await openLastSuccess(store, "sync-subscribers", list).record(new Date(at));
  }
  return watchedIn(store);
}

async function watchedIn(store: InMemoryStore): Promise<Partial<WatchReport>> {
  const run = testRun<WatchReport>({ at: now.getTime() });
  await watchRuns({ store, schedules }, run);
  return run.report;
}

const silentIn = ({ silent = [] }: Partial<WatchReport>) => silent.map(({ subject }) => subject);

test("a list is missed once it has been silent for longer than its schedule allows for", async () => {
  const weekly = "2026-11-24T05:00:00Z";
  expect(silentIn(await watched({ daily: "2026-11-30T08:00:00Z", weekly }))).toEqual([]);
  expect(silentIn(await watched({ daily: "2026-11-30T07:59:59Z", weekly }))).toEqual(["daily"]);
  expect(silentIn(await watched({ daily: "2026-11-30T11:30:00Z", weekly: "2026-11-23T08:59:59Z" }))).toEqual([
    "weekly",
  ]);
});

test("a list of which no run has ever succeeded has yet to begin, and is not missed", async () => {
  expect(await watched({})).toEqual({ schedules: 2, begun: 0, silent: [] });
});

test("a success of another function, or of a list without a schedule, is none of its own", async () => {
  const store = new InMemoryStore();
  await openLastSuccess(store, "import-subscribers", "daily").record(now);
  await openLastSuccess(store, "sync-subscribers", "monthly").record(new Date(0));
  expect(await watchedIn(store)).toMatchObject({ begun: 0, silent: [] });
});

test("a record that cannot be read counts as none", async () => {
  const store = new InMemoryStore();
  for (const text of ["", "{}", '{"at":"yesterday"}', "null"]) {
    await store.put(lastSuccessKey("sync-subscribers", "daily"), Buffer.from(text));
    expect(await watchedIn(store)).toMatchObject({ begun: 0, silent: [] });
  }
});

test("what is missed is measured in its own function's name, and named in the summary", async () => {
  const report = await watched({ daily: "2026-11-30T05:00:00Z", weekly: "2026-11-30T05:00:00Z" });
  expect(missingRunsOf(report)).toMatchObject([{ service: "staging-sync-subscribers", subject: "daily" }]);
  expect(metricsOf(report)).toEqual({ SchedulesWatched: 2, SchedulesSilent: 1 });
  expect(summaryOf(report)).toBe(
    "2 schedules watched; nothing for too long: sync-subscribers daily since 2026-11-30T05:00:00.000Z",
  );
});

test("a look counts even if there is no schedule; one that failed does not", () => {
  expect(metricsOf({ schedules: 0, begun: 0, silent: [] })).toMatchObject({ SchedulesWatched: 1 });
  expect(metricsOf({})).toEqual({});
  expect(missingRunsOf({})).toEqual([]);
});

test("the summary tells what has yet to begin, and a failure", () => {
  expect(summaryOf({ schedules: 2, begun: 1, silent: [] })).toBe("2 schedules watched; 1 yet to begin");
  const failure = { name: "UnforeseenError", message: "", actor: "operator" } as const;
  expect(summaryOf({}, failure)).toBe("UnforeseenError, the operator mends it");
});

test("its event is that of its schedule, or empty", () => {
  expect(watchEventSchema.parse({})).toEqual({});
  const scheduledAt = "2026-11-30T05:00:00Z";
  expect(watchEventSchema.parse({ scheduledAt })).toEqual({ scheduledAt });
  expect(watchEventSchema.safeParse({ list: "daily" }).success).toBe(false);
});
