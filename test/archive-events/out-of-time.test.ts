import { describe, expect, test } from "vitest";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import { OutOfTimeError } from "../../functions/domain/errors.ts";
import { ArchiveWorld, nightAfter } from "./archive-world.ts";
import { bodyOf } from "./in-memory-event-files.ts";

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

describe("when the time is nearly over", () => {
  const days = { from: "2026-02-01", to: "2026-02-10" };
  const settings = { lookBackDays: 2, events: ["nl_subscribe"] as const };

  /** A world whose time is over when this day is requested. */
  function endingAt(date: string) {
    const world = new ArchiveWorld();
    const time = new AbortController();
    world.dependencies = { ...world.dependencies, settings };
    world.provider.onOpen = (asked) => {
      if (asked.date === date) time.abort(new OutOfTimeError("it was cut short"));
    };
    return { world, signal: time.signal };
  }

  test("a range ends with the event for the rest, which completes it", async () => {
    const { world, signal } = endingAt("2026-02-07");
    const report = await world.run({ ...days, events: ["nl_subscribe"] }, { signal });
    expect(report.left).toBeGreaterThan(3);
    expect(report.files).toHaveLength(10 - report.left);
    expect(report.next).toEqual({ ...days, from: report.next?.from, events: ["nl_subscribe"] });
    expect(report.missing).toBe(0);
    const rest = await world.run(report.next, { at: nightAfter(0) });
    expect(rest).toMatchObject({ left: 0, missing: 0 });
    expect(rest).not.toHaveProperty("next");
    expect(world.keys("events/")).toHaveLength(10);
  });

  test("a range with a failed file also says what is left and how to continue", async () => {
    const { world, signal } = endingAt("2026-02-07");
    world.provider.csvs.set("nl_subscribe 2026-02-02", "no\n");
    const { error, report } = await world.failing(days, { signal });
    expect(error).toBeInstanceOf(ArchiveIncompleteError);
    expect(report.left).toBeGreaterThan(3);
    expect(error.message).toBe(
      "1 of 10 files were not archived: nl_subscribe of 2026-02-02 has no header. " +
        `${report.left} are left; go on with the event ${JSON.stringify(report.next)}`,
    );
    expect(report.next).toMatchObject({ from: expect.stringMatching(/^2026-02-0\d$/), to: days.to });
  });

  test("the error of a nightly run also says how many files are left", async () => {
    const { world, signal } = endingAt("2026-03-09");
    world.dependencies = { ...world.dependencies, settings: { ...settings, lookBackDays: 8 } };
    world.provider.csvs.set("nl_subscribe 2026-03-02", "no\n");
    const { error, report } = await world.failing({}, { signal });
    expect(report.left).toBeGreaterThan(0);
    expect(error.message).toMatch(new RegExp(`has no header\\. ${report.left} are left$`));
  });

  test("the same range continues, too, since stored files are skipped", async () => {
    const { world, signal } = endingAt("2026-02-07");
    const { files } = await world.run(days, { signal });
    const again = await world.run(days);
    expect(again).toMatchObject({ settled: files.length, left: 0 });
    expect(new Set(world.keys("events/"))).toHaveLength(10);
  });

  test("a range without a single finished file is an error, not the same event again", async () => {
    const { world, signal } = endingAt("2026-02-01");
    world.archive.onCall = ({ operation }) => (operation === "upload" ? aborted(signal) : undefined);
    const { error, report } = await world.failing(days, { signal });
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error.message).toContain(
      "0 of 10 files are done, 10 are left; the first of them take longer than the function may run, so raise its timeout",
    );
    expect(report.next).toEqual(days);
  });

  test("a range that only skipped stored files continues after them", async () => {
    const { world, signal } = endingAt("2026-02-02");
    await world.run({ ...days, to: days.from });
    world.archive.onCall = ({ operation }) => (operation === "upload" ? aborted(signal) : undefined);
    const report = await world.run(days, { signal });
    expect(report).toMatchObject({ files: [], settled: 1, next: { ...days, from: "2026-02-02" } });
  });

  test("no other file is started or even looked at", async () => {
    const { world, signal } = endingAt("2026-02-03");
    let looked = 0;
    world.archive.onCall = ({ operation, moment }) => {
      if (operation === "labelsOf" && moment === "begins") looked++;
    };
    await world.run(days, { signal }).catch(() => undefined);
    expect(looked).toBeLessThanOrEqual(6);
  });

  test("a nightly run ends in an error that says how far it came", async () => {
    const { world, signal } = endingAt("2026-03-09");
    const { error, report } = await world.failing({}, { signal });
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error.message).toContain(`${report.files.length} of 2 files are done, ${report.left} are left`);
    expect(report).not.toHaveProperty("next");
  });

  test("a body in flight is abandoned, and nothing of it is kept", async () => {
    const world = new ArchiveWorld();
    const time = new AbortController();
    const endless = bodyOf("date,email,email_list_id\n");
    endless.stream.push = () => true;
    world.provider.bodies.set("nl_subscribe 2026-03-09", [endless]);
    world.provider.onOpen = () => void setImmediate(() => time.abort(new OutOfTimeError("it was cut short")));
    const { error } = await world.failing(
      { date: "2026-03-09", events: ["nl_subscribe"] },
      { signal: time.signal },
    );
    expect(error.message).toContain("0 of 1 files are done, 1 are left");
    expect(world.keys()).toEqual([]);
  });

  test("or the report is full, the run stops and the next event completes it", async () => {
    const world = new ArchiveWorld();
    world.dependencies = { ...world.dependencies, settings, maxFetched: 5 };
    const first = await world.run(days);
    expect(first.files.length).toBeGreaterThanOrEqual(5);
    expect(first.files.length).toBeLessThan(9);
    const second = await world.run(first.next);
    expect([first.left > 0, second.left]).toEqual([true, 0]);
  });
});
