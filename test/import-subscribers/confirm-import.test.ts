import { describe, expect, test } from "vitest";
import { OutOfTimeError } from "../../functions/domain/errors.ts";
import { ImportIncompleteError } from "../../functions/domain/plan-errors.ts";
import { ProviderRefusalError } from "../../functions/domain/provider-errors.ts";
import { metricsOf } from "../../functions/import-subscribers/metrics.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { withListLock } from "../../functions/platform/storage/list-lock.ts";
import { testRun } from "../support/test-run.ts";
import { emails, held, ImportWorld, left } from "./import-world.ts";

const none = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };

/** 36 new readers, whose import is watched for two minutes at the most. */
function firstLoad(): ImportWorld {
  const world = new ImportWorld(
    [],
    emails(0, 36).map((email) => ({ email })),
  );
  world.settings = { import: { settleSeconds: 120 } };
  return world;
}

async function failedRun(world: ImportWorld, run = testRun<ImportReport>()) {
  const error = await world.run({}, run).then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  return { error, report: run.report };
}

describe("an import that is not done fails and says what is left", () => {
  test("if the provider never fetches the file", async () => {
    const world = firstLoad();
    world.provider.takes = () => [];
    let waitedMs = 0;
    world.sleep = async (ms) => {
      waitedMs += ms;
    };
    const { error, report } = await failedRun(world);
    expect(error).toBeInstanceOf(ImportIncompleteError);
    expect(error.message).toContain("36 changes, and had not made 36 of them");
    expect(error.message).toContain("subscribe 36");
    expect(report).toMatchObject({ remaining: { ...none, subscribe: 36 }, settled: false });
    expect(waitedMs).toBe(120_000);
    expect(metricsOf(report)).toMatchObject({ ChangesLeft: 36, ImportSettled: 0, ImportedRows: 36 });
  });

  test("if the provider drops 30 of 36 rows", async () => {
    const world = firstLoad();
    world.provider.takes = (rows) => rows.slice(0, 6);
    const { error, report } = await failedRun(world);
    expect(error).toBeInstanceOf(ImportIncompleteError);
    expect(report).toMatchObject({ remaining: { ...none, subscribe: 30 }, settled: true });
  });

  test("if the provider answers that it failed", async () => {
    const world = firstLoad();
    world.provider.takes = () => [];
    world.provider.answer = () => ({ id: 1, status: "error" });
    const { error, report } = await failedRun(world);
    expect(error).toBeInstanceOf(ImportIncompleteError);
    expect(report).toMatchObject({
      files: [{ import: { id: 1, status: "error" } }],
      remaining: { subscribe: 36 },
    });
  });

  test("by kind, with an update for what arrived without its values", async () => {
    const world = new ImportWorld(
      [
        ["leaves@example.fr", held()],
        ["missing@example.fr", held()],
        ["returns@example.fr", left("READER")],
        ["changes@example.fr", held({ data_firstname: "Old" })],
      ],
      [
        { email: "leaves@example.fr", subscribed: false, cause: "READER" },
        { email: "returns@example.fr", consentedAt: Date.UTC(2026, 4, 20) },
        { email: "changes@example.fr", fields: { data_firstname: "New" } },
        { email: "new@example.fr", fields: { data_firstname: "Given" } },
      ],
    );
    world.provider.takes = (rows) =>
      rows.filter(({ email }) => email === "new@example.fr").map(({ email = "" }) => ({ email }));
    const { report } = await failedRun(world);
    expect(report.remaining).toEqual({ subscribe: 0, resubscribe: 0, update: 2, unsubscribe: 2 });
  });
});

describe("an import is done", () => {
  test("when both sides agree on all that was announced", async () => {
    const world = firstLoad();
    const report = await world.run();
    expect(report).toMatchObject({ remaining: none, settled: true, after: { subscribed: 36 } });
    expect(world.provider.subscribers.size).toBe(36);
    expect((await world.run()).planned).toMatchObject({ subscribe: 0, unchanged: 36 });
  });

  test("although the counts stand still for a while between two files", async () => {
    const world = firstLoad();
    world.settings = { import: { settleSeconds: 120, rowsPerFile: 18 } };
    world.provider.delays = [5, 20];
    expect(await world.run()).toMatchObject({ remaining: none, settled: true });
  });

  test("although its counts never move, as it only gives values", async () => {
    const world = new ImportWorld(
      [["a@example.fr", held()]],
      [{ email: "a@example.fr", fields: { data_firstname: "A" } }],
    );
    expect(await world.run()).toMatchObject({ remaining: none, settled: false });
  });

  test("although the database has changed since: the next run is told of that", async () => {
    const world = firstLoad();
    world.sleep = async () => {
      world.rows = [
        ...world.rows.slice(1).map((row) => ({ ...row, fields: { data_firstname: "New" } })),
        { email: "later@example.fr" },
      ];
      world.sleep = async () => undefined;
    };
    expect(await world.run()).toMatchObject({ remaining: none });
  });

  test("although a reader has opted out since", async () => {
    const world = firstLoad();
    world.sleep = async () => {
      world.provider.subscribers.set("r0@example.fr", left("READER"));
    };
    expect(await world.run()).toMatchObject({ remaining: none });
  });
});

describe("while the import goes on", () => {
  test("the list is watched and read without its lock", async () => {
    const world = firstLoad();
    const now = new Date(Date.UTC(2026, 5, 1));
    const lock = { list: "daily", runId: "other", now, expiresAt: new Date(now.getTime() + 1000) };
    let looks = 0;
    world.sleep = () => withListLock(world.store, lock, async () => looks++);
    await world.run();
    expect(looks).toBeGreaterThan(0);
  });

  test("the end of the run's time is a failure: nobody has looked at what came of it", async () => {
    const world = firstLoad();
    const stop = new AbortController();
    world.sleep = async (_ms, signal) => {
      stop.abort(new OutOfTimeError("it was cut short"));
      signal.throwIfAborted();
    };
    const { error, report } = await failedRun(world, testRun<ImportReport>({ signal: stop.signal }));
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error.message).toContain("1 of 1 files were announced");
    expect([report.remaining, report.files?.[0]?.import?.id]).toEqual([undefined, 1]);
  });

  test("enough of the run's time is kept to read both sides again", async () => {
    const world = firstLoad();
    let waitedMs = 0;
    world.provider.takes = () => [];
    world.sleep = async (ms) => {
      waitedMs += ms;
    };
    const run = testRun<ImportReport>();
    const { error } = await failedRun(world, {
      ...run,
      deadline: new Date(run.startedAt.getTime() + 90_000),
    });
    expect(error).toBeInstanceOf(ImportIncompleteError);
    expect(waitedMs).toBe(60_000);
  });

  test("counts that cannot be read fail the run, and the report says what was announced", async () => {
    const world = firstLoad();
    world.sleep = async () => {
      throw new ProviderRefusalError("GET /count", 403, "does the account include this call?");
    };
    const { error, report } = await failedRun(world);
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(report.files).toMatchObject([{ import: { id: 1 } }]);
  });
});
