import { describe, expect, test } from "vitest";
import { InvalidEventError } from "../../functions/domain/errors.ts";
import {
  ArchiveWorld,
  copyKey,
  key,
  name,
  named,
  nightAfter,
  outcomes,
  sha256Of,
  subscribed,
} from "./archive-world.ts";

describe("what is due", () => {
  test("is every file of the look-back window, by day, and then in the order of the events", async () => {
    const world = new ArchiveWorld();
    const report = await world.run();
    expect(outcomes(report)).toEqual([
      "nl_subscribe 2026-03-08 stored",
      "nl_bounce 2026-03-08 stored",
      "nl_subscribe 2026-03-09 stored",
      "nl_bounce 2026-03-09 stored",
    ]);
    expect(world.provider.opened).toEqual(outcomes(report).map((outcome) => outcome.replace(" stored", "")));
    expect(report).toMatchObject({ settled: 0, left: 0, missing: 0, requests: { sent: 4 } });
    expect(world.keys("events/")).toEqual([
      "events/nl_bounce/date=2026-03-08/nl_bounce-2026-03-08.csv.gz",
      "events/nl_bounce/date=2026-03-09/nl_bounce-2026-03-09.csv.gz",
      "events/nl_subscribe/date=2026-03-08/nl_subscribe-2026-03-08.csv.gz",
      "events/nl_subscribe/date=2026-03-09/nl_subscribe-2026-03-09.csv.gz",
    ]);
  });

  test("is limited to the events asked for, each once", async () => {
    const world = new ArchiveWorld();
    const report = await world.run({ events: ["nl_click", "nl_click"] });
    expect(outcomes(report)).toEqual(["nl_click 2026-03-08 stored", "nl_click 2026-03-09 stored"]);
  });

  test("includes the days of a night that was missed", async () => {
    const world = new ArchiveWorld();
    world.dependencies = { ...world.dependencies, settings: { lookBackDays: 4, events: ["nl_subscribe"] } };
    await world.run();
    const report = await world.run({}, { at: nightAfter(2) });
    expect(outcomes(report)).toEqual([
      "nl_subscribe 2026-03-08 unchanged",
      "nl_subscribe 2026-03-09 unchanged",
      "nl_subscribe 2026-03-10 stored",
      "nl_subscribe 2026-03-11 stored",
    ]);
  });

  test("is no longer a file that was fetched 48 hours after its day", async () => {
    const world = new ArchiveWorld();
    world.dependencies = { ...world.dependencies, settings: { lookBackDays: 4, events: ["nl_subscribe"] } };
    await world.run({}, { at: nightAfter(1) });
    world.provider.opened.length = 0;
    const report = await world.run({}, { at: nightAfter(1) });
    expect(world.provider.opened).toEqual(["nl_subscribe 2026-03-09", "nl_subscribe 2026-03-10"]);
    expect(report).toMatchObject({ settled: 2, missing: 0, left: 0 });
  });

  test.each<[string, string, (world: ArchiveWorld) => void]>([
    [
      "whose label does not say which file it belongs to",
      "unchanged",
      ({ archive }) => {
        archive.files.get(key)!.labels = { "fetched-at": new Date(nightAfter(7)).toISOString() };
      },
    ],
    [
      "whose label belongs to another one",
      "unchanged",
      ({ archive }) => {
        const { labels } = archive.files.get(key)!;
        archive.files.get(key)!.labels = { ...labels, sha256: sha256Of("another") };
      },
    ],
    [
      "whose label and copy belong to another one",
      "replaced",
      ({ archive }) => {
        const { metadata, ...file } = archive.files.get(key)!;
        archive.files.set(key, { ...file, metadata: { ...metadata, sha256: sha256Of("another") } });
      },
    ],
    ["whose copy is lost", "unchanged", ({ archive }) => void archive.files.delete(copyKey)],
    [
      "whose copy belongs to another one",
      "unchanged",
      ({ archive }) => {
        const metadata = { "original-sha256": sha256Of("another") };
        archive.files.set(copyKey, { ...archive.files.get(copyKey)!, metadata });
      },
    ],
  ])("is a file %s", async (_, outcome, lose) => {
    const world = new ArchiveWorld();
    const range = { from: subscribed.date, to: subscribed.date, events: [subscribed.event] };
    await world.run(range, { at: nightAfter(7) });
    lose(world);
    expect(outcomes(await world.run(range, { at: nightAfter(8) }))).toEqual([`${name} ${outcome}`]);
    expect(await world.run(range, { at: nightAfter(8) })).toMatchObject({ files: [], settled: 1 });
    expect(world.archive.textOf(copyKey)).toBe(world.archive.textOf(key));
  });

  test("is a file of which neither label nor metadata say anything", async () => {
    const world = new ArchiveWorld();
    await world.run(named);
    const labels = { "fetched-at": new Date(nightAfter(7)).toISOString() };
    world.archive.files.set(key, { ...world.archive.files.get(key)!, metadata: {}, labels });
    world.archive.files.delete(copyKey);
    const range = { from: subscribed.date, to: subscribed.date, events: [subscribed.event] };
    expect((await world.failing(range)).report).toMatchObject({ settled: 0, files: [{ outcome: "failed" }] });
  });

  test("is a day asked for by its date, whenever it was fetched", async () => {
    const world = new ArchiveWorld();
    await world.run(named, { at: nightAfter(7) });
    expect(outcomes(await world.run(named, { at: nightAfter(8) }))).toEqual([`${name} unchanged`]);
  });

  test.each([
    [{ date: "2026-03-10" }, "date: 2026-03-10 is not over yet in Europe/Paris"],
    [{ from: "2026-03-01", to: "2026-03-11" }, "to: 2026-03-11 is not over yet in Europe/Paris"],
  ])("is never a day that is not over: %j", async (event, problem) => {
    const world = new ArchiveWorld();
    const { error } = await world.failing(event);
    expect(error).toBeInstanceOf(InvalidEventError);
    expect(error.message).toContain(`${problem}. A good event: {"date":"2026-03-09"}`);
    expect(world.provider.opened).toEqual([]);
  });
});
