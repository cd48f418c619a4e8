import { describe, expect, test } from "vitest";
import {
  ArchiveIncompleteError,
  ConfigurationError,
  CredentialError,
  OutOfTimeError,
  ProviderRefusalError,
} from "../../functions/domain/errors.ts";
import { eventsKey } from "../../functions/platform/object-keys.ts";
import { ArchiveWorld, nightAfter, outcomes } from "./archive-world.ts";
import { bodyOf, type InMemoryEventFiles, twoRows } from "./in-memory-event-files.ts";

const file = { event: "nl_subscribe", date: "2026-03-09" } as const;
const named = { date: file.date, events: [file.event] };
const name = `${file.event} ${file.date}`;

/** Replaces a file's body, from the first time that it is asked for to the last given one. */
function breakBody(provider: InMemoryEventFiles, ...bodies: ReturnType<typeof bodyOf>[]): void {
  const open = provider.openEvents.bind(provider);
  provider.openEvents = async (asked, signal) => {
    const opened = await open(asked, signal);
    const broken = `${asked.event} ${asked.date}` === name ? bodies.shift() : undefined;
    return broken === undefined ? opened : { outcome: "found", ...broken };
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

describe("a body that does not come whole", () => {
  const whole = twoRows(file);
  const short = { ...bodyOf(whole.slice(0, 40)), expectedBytes: whole.length };
  const quoted = () => bodyOf(`${whole}2026-03-09,"a`);

  test("is asked for again, and nothing of it is stored", async () => {
    const world = new ArchiveWorld();
    breakBody(world.provider, short, quoted());
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
    expect(world.provider.opened).toEqual([name, name, name]);
    expect(world.archive.textOf(eventsKey(file.event, file.date))).toBe(whole);
  });

  test.each([
    [
      "shorter than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 500 }),
      "with a body of 123 bytes, where 500 were announced",
    ],
    [
      "longer than announced",
      () => ({ ...bodyOf(whole), expectedBytes: 5 }),
      "with a body of 123 bytes, where 5 were announced",
    ],
    ["that ends within quotes", quoted, "with a body of 136 bytes that ends within quotes"],
  ])("%s three times fails the file, and nothing is stored", async (_, body, problem) => {
    const world = new ArchiveWorld();
    breakBody(world.provider, body(), body(), body());
    const { error, report } = await world.failing(named);
    const told = "failed: GET /newsletters/events/{event}/{date} failed 3 times, the last time";
    expect(error).toBeInstanceOf(ArchiveIncompleteError);
    expect(error.message).toContain(`nl_subscribe of 2026-03-09 ${told} ${problem}`);
    expect(world.keys()).toEqual([]);
    expect(report.missing).toBe(1);
  });

  test("of unknown length is taken as it ends", async () => {
    const world = new ArchiveWorld();
    breakBody(world.provider, { ...bodyOf(whole), expectedBytes: undefined as never });
    expect(outcomes(await world.run(named))).toEqual([`${name} stored`]);
  });
});

describe("a file that fails", () => {
  test("does not stop the others, and every failure is listed", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set("nl_bounce 2026-03-08", "date\n");
    world.provider.onOpen = ({ date, event }) => {
      if (date === "2026-03-09" && event === "nl_subscribe")
        throw new ProviderRefusalError("GET /x", 418, "no");
    };
    const { error, report } = await world.failing();
    expect(error.message).toMatch(
      /^2 of 4 files were not archived: nl_bounce of 2026-03-08 lacks the columns email, .*; nl_subscribe of 2026-03-09 failed: GET \/x was refused with status 418: no$/,
    );
    expect(outcomes(report)).toEqual([
      "nl_subscribe 2026-03-08 stored",
      "nl_bounce 2026-03-08 failed",
      "nl_subscribe 2026-03-09 failed",
      "nl_bounce 2026-03-09 stored",
    ]);
    expect(report).toMatchObject({ missing: 2, left: 0 });
  });

  test.each([
    ["by its code", Object.assign(new Error("jean@example.fr"), { code: "ENOSPC" }), "failed with ENOSPC"],
    ["by its name", new TypeError("jean@example.fr"), "failed with TypeError"],
    ["as nothing else", "jean@example.fr", "failed"],
  ])("with an error that is not ours tells it %s", async (_, thrown, reason) => {
    const world = new ArchiveWorld();
    world.archive.onCall = ({ operation }) => {
      if (operation === "upload") throw thrown;
    };
    const { error, report } = await world.failing(named);
    expect(report.files).toMatchObject([{ outcome: "failed", reason }]);
    expect(error.message + JSON.stringify(report)).not.toContain("jean");
  });

  test("in the archive itself counts as missing, whatever stands there", async () => {
    const world = new ArchiveWorld();
    world.archive.onCall = () => {
      throw Object.assign(new Error(), { name: "InternalError" });
    };
    const { report } = await world.failing();
    expect(report).toMatchObject({ missing: 4, left: 0 });
    expect(report.files.map(({ reason }) => reason)).toEqual(Array(4).fill("failed with InternalError"));
  });

  test("while its place is written again and again is left to the next run", async () => {
    const world = new ArchiveWorld();
    world.archive.upload = async () => undefined;
    const { error } = await world.failing(named);
    expect(error.message).toContain("failed: other runs wrote it at the same time, 10 times over");
  });
});

describe("what no other file would fare better with stops the run at once", () => {
  test.each([
    ["a credential", new CredentialError("ownpage", "expired")],
    [
      "a refusal of S3",
      new ConfigurationError("the bucket archive", "S3 refused the function with AccessDenied"),
    ],
  ])("%s", async (_, fault) => {
    const world = new ArchiveWorld();
    world.dependencies = { ...world.dependencies, settings: { lookBackDays: 50, events: ["nl_click"] } };
    world.provider.onOpen = ({ date }) => {
      if (date === "2026-02-01") throw fault;
    };
    const { error, report } = await world.failing();
    expect(error).toBe(fault);
    expect(world.provider.opened.length).toBeLessThan(25);
    expect(report.left).toBe(50 - report.files.length);
    expect(report.missing).toBe(report.left);
  });

  test("events that the account does not include", async () => {
    const world = new ArchiveWorld();
    world.provider.openEvents = async () => ({ outcome: "notIncluded" });
    const { error } = await world.failing();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe(
      "archive: the provider's account does not include events, a premium feature: " +
        'ask the provider for it, or take "archive" out of the configuration',
    );
  });

  test("and nothing is written by it any more when it has ended", async () => {
    const world = new ArchiveWorld();
    const { promise: refused, resolve } = Promise.withResolvers<void>();
    world.provider.onOpen = ({ event }) => {
      if (event === "nl_bounce") return;
      resolve();
      throw new CredentialError("ownpage", "expired");
    };
    world.archive.onCall = async ({ operation, moment }) => {
      if (operation === "upload" && moment === "begins") await refused;
    };
    await world.failing();
    const counted = world.countUploads();
    await new Promise((resolve) => setImmediate(resolve));
    expect(counted.uploads).toBe(0);
  });
});

describe("when the time is nearly over", () => {
  const days = { from: "2026-02-01", to: "2026-02-10" };
  const settings = { lookBackDays: 2, events: ["nl_subscribe"] as const };

  /** A world whose time is over when this day is asked for. */
  function endingAt(date: string) {
    const world = new ArchiveWorld();
    const time = new AbortController();
    world.dependencies = { ...world.dependencies, settings };
    world.provider.onOpen = (asked) => {
      if (asked.date === date) time.abort(new OutOfTimeError("it was cut short"));
    };
    return { world, signal: time.signal };
  }

  test("a range ends with the event that goes on, and that completes it", async () => {
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

  test("the same range goes on as well, as what is stored is passed over", async () => {
    const { world, signal } = endingAt("2026-02-07");
    const { files } = await world.run(days, { signal });
    const again = await world.run(days);
    expect(again).toMatchObject({ settled: files.length, left: 0 });
    expect(new Set(world.keys("events/"))).toHaveLength(10);
  });

  test("a range of which nothing could be done is an error, not the same event again", async () => {
    const { world, signal } = endingAt("2026-02-01");
    world.archive.onCall = ({ operation }) => (operation === "upload" ? aborted(signal) : undefined);
    const { error, report } = await world.failing(days, { signal });
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error.message).toContain(
      "0 of 10 files are done, 10 are left; as the first of them take longer than the function has, give it more time",
    );
    expect(report.next).toEqual(days);
  });

  test("a range that only passed over what is stored goes on behind that", async () => {
    const { world, signal } = endingAt("2026-02-02");
    await world.run({ ...days, to: days.from });
    world.archive.onCall = ({ operation }) => (operation === "upload" ? aborted(signal) : undefined);
    const report = await world.run(days, { signal });
    expect(report).toMatchObject({ files: [], settled: 1, next: { ...days, from: "2026-02-02" } });
  });

  test("nothing more is begun, not even looked at", async () => {
    const { world, signal } = endingAt("2026-02-03");
    let looked = 0;
    world.archive.onCall = ({ operation, moment }) => {
      if (operation === "labelsOf" && moment === "begins") looked++;
    };
    await world.run(days, { signal }).catch(() => undefined);
    expect(looked).toBeLessThanOrEqual(6);
  });

  test("what is due, and a day, end in an error that says how far they came", async () => {
    const { world, signal } = endingAt("2026-03-09");
    const { error, report } = await world.failing({}, { signal });
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error.message).toContain(`${report.files.length} of 2 files are done, ${report.left} are left`);
    expect(report).not.toHaveProperty("next");
  });

  test("a body in flight is abandoned, and nothing of it stays", async () => {
    const world = new ArchiveWorld();
    const time = new AbortController();
    const endless = bodyOf("date,email,email_list_id\n");
    endless.stream.push = () => true;
    breakBody(world.provider, endless);
    world.provider.onOpen = () => void setImmediate(() => time.abort(new OutOfTimeError("it was cut short")));
    const { error } = await world.failing(named, { signal: time.signal });
    expect(error.message).toContain("0 of 1 files are done, 1 are left");
    expect(world.keys()).toEqual([]);
  });

  test("so it is when a run has fetched as many files as its report may hold", async () => {
    const world = new ArchiveWorld();
    world.dependencies = { ...world.dependencies, settings, mostFetched: 5 };
    const first = await world.run(days);
    expect(first.files.length).toBeGreaterThanOrEqual(5);
    expect(first.files.length).toBeLessThan(9);
    const second = await world.run(first.next);
    expect([first.left > 0, second.left]).toEqual([true, 0]);
  });
});
