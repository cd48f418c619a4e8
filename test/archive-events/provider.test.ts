import { beforeEach, describe, expect, test } from "vitest";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { ConfigurationError } from "../../functions/domain/errors.ts";
import { createOwnpageEventFiles } from "../../functions/providers/ownpage/ownpage-event-files.ts";
import type { Fault } from "../../infra/sandbox/fault.ts";
import type { EventSettings } from "../../infra/sandbox/ownpage/event-files.ts";
import type { Sandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { optionsFor, sandboxWith } from "../providers/ownpage/connect.ts";
import { ArchiveWorld, night, outcomes } from "./archive-world.ts";

let world: ArchiveWorld;
let sandbox: Sandbox;

beforeEach(() => {
  world = new ArchiveWorld();
});

async function connect(events: Partial<EventSettings> = {}): Promise<void> {
  sandbox = await sandboxWith({ now: () => new Date(night), events });
  const openFiles = () => createOwnpageEventFiles(optionsFor(sandbox));
  world.dependencies = { ...world.dependencies, openFiles };
}

function fail(path: RegExp, fault: Fault, times?: number): void {
  sandbox.faults.push({ match: { path }, fault, ...(times && { times }) });
}

const stored = [
  "nl_subscribe 2026-03-08 stored",
  "nl_bounce 2026-03-08 stored",
  "nl_subscribe 2026-03-09 stored",
  "nl_bounce 2026-03-09 stored",
];

const bouncesAre = (outcome: string) =>
  stored.map((told) => (told.includes("nl_bounce") ? told.replace("stored", outcome) : told));

describe("with the provider's own client", () => {
  test("files are stored as sent, and replaced when late rows come", async () => {
    await connect({ rowsPerDay: 40, lateRows: 3 });
    const first = await world.run();
    expect(outcomes(first)).toEqual(stored);
    expect(first.files.map(({ rows }) => rows)).toEqual([40, 40, 40, 40]);
    const second = await world.run();
    expect(outcomes(second)).toEqual(stored.map((outcome) => outcome.replace("stored", "replaced")));
    expect(second.files.map(({ rows }) => rows)).toEqual([43, 43, 43, 43]);
    expect(second.requests).toEqual({ sent: 5, retried: 0 });
  });

  test.each<[string, Fault]>([
    ["a body cut short", { kind: "cut" }],
    ["a lost answer", { kind: "lost" }],
    ["a reset connection", { kind: "reset" }],
    ["429", { kind: "status", status: 429, retryAfter: 0 }],
    ["503", { kind: "status", status: 503 }],
    ["an expired token", { kind: "status", status: 401 }],
  ])("%s is retried", async (_, fault) => {
    await connect();
    fail(/nl_bounce\/2026-03-08/, fault, 1);
    const report = await world.run();
    expect(outcomes(report)).toEqual(stored);
    for (const { key, sha256 } of report.files) {
      expect(world.archive.files.get(key)?.metadata["sha256"]).toBe(sha256);
    }
  });

  test("a body that is always cut short fails its file, and nothing of it is stored", async () => {
    await connect();
    fail(/nl_bounce\/2026-03-08/, { kind: "cut" });
    const { error, report } = await world.failing();
    expect(error.message).toMatch(
      /^1 of 4 files .*: nl_bounce of 2026-03-08 failed with ProviderUnavailableError: GET \S+ failed 3 times, the last time with a body that broke off after \d+ bytes$/,
    );
    expect(world.keys().filter((key) => key.includes("nl_bounce-2026-03-08"))).toEqual([]);
    expect(report).toMatchObject({ missing: 1, left: 0 });
  });

  test("a call that always fails is not retried by the job as well, and does not stop the others", async () => {
    await connect();
    fail(/nl_bounce\/2026-03-08/, { kind: "status", status: 503 });
    const { error, report } = await world.failing();
    expect(error.message).toContain("failed 3 times, the last time with status 503");
    expect(sandbox.requests.filter(({ path }) => path.includes("nl_bounce/2026-03-08"))).toHaveLength(3);
    expect(report.requests).toEqual({ sent: 7, retried: 2 });
    expect(outcomes(report)).toEqual(
      stored.map((outcome, at) => (at === 1 ? outcome.replace("stored", "failed") : outcome)),
    );
  });

  test("404 is a file that does not exist", async () => {
    await connect();
    fail(/nl_bounce\/2026-03-08/, { kind: "status", status: 404 });
    const report = await world.run();
    expect(report.files[1]).toMatchObject({
      outcome: "unavailable",
      reason: "does not exist at the provider",
    });
    expect(report.missing).toBe(1);
  });

  test.each(["cutRow", "errorText", "missingHalf"] as const)(
    "a file with the flaw %s is refused at once and kept aside",
    async (flaw) => {
      await connect({ flaws: { nl_bounce: flaw } });
      const { report } = await world.failing();
      expect(outcomes(report)).toEqual(bouncesAre("failed"));
      for (const { event, reason } of report.files) {
        if (event === "nl_bounce") expect(reason).toMatch(/^line \d+ has 2 columns, where the header has 7$/);
      }
      expect(world.keys("refused/")).toHaveLength(2);
      expect(report).toMatchObject({ missing: 2, requests: { sent: 5, retried: 0 } });
    },
  );

  test("a part of a file fails it", async () => {
    await connect({ flaws: { nl_bounce: "partial" } });
    const { error } = await world.failing();
    expect(error.message).toContain(
      "nl_bounce of 2026-03-08 failed with ProviderContractError: GET /newsletters/events/{event}/{date}: answered with status 206",
    );
    expect(world.keys().filter((key) => key.includes("nl_bounce"))).toEqual([]);
  });

  test.each(["noContent", "noBody"] as const)("%s is a day without events", async (flaw) => {
    await connect({ flaws: { nl_bounce: flaw } });
    const report = await world.run();
    expect(outcomes(report)).toEqual(bouncesAre("empty"));
    expect(report.missing).toBe(0);
  });

  test("a reader whom the provider erased shrinks a day, which a person accepts", async () => {
    await connect({ erasedRows: 1 });
    await world.run();
    const { error } = await world.failing();
    const shown = [...error.message.matchAll(/accept it with the event (\{[^}]*\})/g)];
    expect(shown).toHaveLength(4);
    for (const [, event = ""] of shown) await world.run(archiveEventSchema.parse(JSON.parse(event)));
    expect(outcomes(await world.run())).toEqual(stored.map((told) => told.replace("stored", "unchanged")));
  });

  test("an account without events stops the run with one error", async () => {
    await connect({ premium: false });
    const { error, report } = await world.failing();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain("does not include events, a premium feature");
    expect(report).toMatchObject({ files: [], left: 4 });
    expect(world.keys()).toEqual([]);
  });

  test("no address reaches a report, an error or a label", async () => {
    await connect({ columns: { nl_subscribe: "email,date", nl_bounce: "email,email" } });
    fail(/2026-03-09/, { kind: "cut" });
    const { error, report } = await world.failing();
    const labels = [...world.archive.files.values()].map(({ metadata, labels }) => ({ metadata, labels }));
    const told = JSON.stringify([report, labels]) + error.message + error.stack;
    expect(told).not.toMatch(/reader\.|@example/);
    expect(world.archive.textOf(world.keys("refused/")[0] ?? "")).toMatch(/reader\.\d+@example/);
  });
});
