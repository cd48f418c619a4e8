import { describe, expect, test } from "vitest";
import { summaryOf } from "../../functions/archive-events/summary.ts";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import { ConfigurationError, CredentialError } from "../../functions/domain/errors.ts";
import { ProviderRefusalError } from "../../functions/domain/provider-errors.ts";
import { ArchiveWorld, nightAfter, outcomes } from "./archive-world.ts";

const named = { date: "2026-03-09", events: ["nl_subscribe"] } as const;

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
      /^2 of 4 files were not archived: nl_bounce of 2026-03-08 lacks the columns email, .*; nl_subscribe of 2026-03-09 failed with ProviderRefusalError: GET \/x was refused with status 418: no$/,
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
    ["without a name of its own", "jean@example.fr", "failed with Error"],
  ])("with an error that is not ours is reported %s", async (_, thrown, reason) => {
    const world = new ArchiveWorld();
    world.archive.onCall = ({ operation }) => {
      if (operation === "upload") throw thrown;
    };
    const { error, report } = await world.failing(named);
    expect(report.files).toMatchObject([{ outcome: "failed", reason }]);
    expect(error.message + JSON.stringify(report)).not.toContain("jean");
  });

  test("because the archive fails counts as missing, whatever is stored", async () => {
    const world = new ArchiveWorld();
    world.archive.onCall = () => {
      throw Object.assign(new Error(), { name: "InternalError" });
    };
    const { report } = await world.failing();
    expect(report).toMatchObject({ missing: 4, left: 0 });
    expect(report.files.map(({ reason }) => reason)).toEqual(Array(4).fill("failed with InternalError"));
  });

  test("because other runs keep writing it is left to the next run", async () => {
    const world = new ArchiveWorld();
    world.archive.upload = async () => undefined;
    const { error } = await world.failing(named);
    expect(error.message).toContain(
      "failed with FileBusyError: other runs wrote the file at the same time, 10 times over",
    );
  });
});

describe("a secret without a value", () => {
  const scheduledAt = "2026-03-10T03:30:00Z";
  const missing = new CredentialError("ownpage", "it has no value yet", { isMissing: true });
  const withFault = (fault: Error) => {
    const world = new ArchiveWorld();
    world.provider.onOpen = () => {
      throw fault;
    };
    return world;
  };

  test("fails no run of the schedule, whose summary says what is missing", async () => {
    const report = await withFault(missing).run({ scheduledAt });
    expect(summaryOf(report)).toBe(`nothing is archived yet: ${missing.message}`);
  });

  test("fails a run by hand", async () => {
    expect((await withFault(missing).failing()).error).toBe(missing);
  });

  test("is not one that the provider refuses", async () => {
    const refused = new CredentialError("ownpage", "expired");
    expect((await withFault(refused).failing({ scheduledAt })).error).toBe(refused);
  });
});

describe("a failure that every other file would share stops the run at once", () => {
  test.each([
    ["a bad credential", new CredentialError("ownpage", "expired")],
    [
      "a refusal by S3",
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
    // The others were never looked at, so none of them counts as missing.
    expect(report.missing).toBe(0);
  });

  test("events that the account does not include", async () => {
    const world = new ArchiveWorld();
    world.provider.openEvents = async () => ({ outcome: "notIncluded" });
    const { error } = await world.failing();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe(
      "archive.schedule: the provider's account does not include events, a premium feature: " +
        'ask the provider for it, or take "archive.schedule" out of the configuration and deploy',
    );
  });

  test("but not a refused file, where another was given but was not good", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set("nl_bounce 2026-03-09", "date\n");
    const { openEvents } = world.provider;
    world.provider.openEvents = async (file, signal) =>
      file.event === "nl_bounce" ? openEvents.call(world.provider, file, signal) : { outcome: "notIncluded" };
    const ask = { date: "2026-03-09", events: ["nl_bounce", "nl_subscribe"] } as const;
    const { error, report } = await world.failing(ask);
    expect(error.message).toContain("nl_bounce of 2026-03-09 lacks the columns");
    expect(error.message).toContain("nl_subscribe of 2026-03-09 failed with ConfigurationError");
    expect(report.left).toBe(0);
  });

  test("events that the account no longer includes, whatever the archive has", async () => {
    const world = new ArchiveWorld();
    const at = nightAfter(10);
    await world.run({ from: "2026-03-08", to: "2026-03-09" }, { at });
    world.provider.openEvents = async () => ({ outcome: "notIncluded" });
    const { error, report } = await world.failing({ from: "2026-03-08", to: "2026-03-10" }, { at });
    expect(report.settled).toBe(4);
    expect(error).toBeInstanceOf(ConfigurationError);
  });

  test("but not a refused file, where others are given", async () => {
    const world = new ArchiveWorld();
    const { openEvents } = world.provider;
    world.provider.openEvents = async (file, signal) =>
      file.event === "nl_bounce" ? { outcome: "notIncluded" } : openEvents.call(world.provider, file, signal);
    const { error, report } = await world.failing();
    expect(error).toBeInstanceOf(ArchiveIncompleteError);
    expect(error.message).toContain(
      "nl_bounce of 2026-03-09 failed with ConfigurationError: archive.schedule",
    );
    expect(report.files.filter(({ outcome }) => outcome === "stored")).not.toEqual([]);
    expect(report.left).toBe(0);
  });

  test("and nothing is written after it has ended", async () => {
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
