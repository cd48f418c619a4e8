import { describe, expect, test } from "vitest";
import { InvalidEventError } from "../../functions/domain/errors.ts";
import {
  ImportIncompleteError,
  UnsafePlanError,
  UnusablePlanError,
} from "../../functions/domain/plan-errors.ts";
import { ProviderRefusalError } from "../../functions/domain/provider-errors.ts";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { testRun } from "../support/test-run.ts";
import { emails, held, ImportWorld } from "./import-world.ts";

const none = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
const rowsOf = (names: string[]) => names.map((email) => ({ email }));

/** 100 subscribers, two of them opted out on the site, and 60 new readers: more than half the list. */
function brandAdded(): ImportWorld {
  return new ImportWorld(
    emails(0, 100).map((email) => [email, held()]),
    [
      ...emails(0, 2).map((email) => ({ email, subscribed: false, cause: "READER" as const })),
      ...rowsOf(emails(2, 160)),
    ],
  );
}

async function refusedRun(world: ImportWorld, event: Partial<ImportEvent> = {}) {
  const run = testRun<ImportReport>();
  const error = await world.run(event, run).then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  expect(error).toBeInstanceOf(UnsafePlanError);
  return { error, report: run.report as ImportReport };
}

describe("a plan that exceeds a limit", () => {
  test("waits for a person as far as it does, and the rest is imported", async () => {
    const world = brandAdded();
    const { error, report } = await refusedRun(world);
    expect(world.announced.map(({ email }) => email)).toEqual(emails(0, 2));
    expect(error.message).toContain("it would subscribe 60 of 100 subscribers (60.0 %)");
    expect(error.message).toContain(`{"list":"daily","apply":"${report.planId}","approve":["subscribe"]}`);
    expect(report).toMatchObject({
      check: { safe: false, refused: true, event: { apply: report.planId, approve: ["subscribe"] } },
      remaining: none,
    });
  });

  test("is stored as text, too, which the error names: the first fifty of each group, and what waits", async () => {
    const world = brandAdded();
    const { error, report } = await refusedRun(world);
    const key = `imports/daily/${report.planId}/plan.md`;
    expect(report.planText).toBe(key);
    expect(error.message).toContain(`${key} in the exchange bucket shows whom`);
    const text = Buffer.from(world.store.objects.get(key)?.bytes ?? []).toString();
    expect(text).toMatch(/^# daily: .*subscribe 60/);
    expect(text).toContain(`\n    ${JSON.stringify(report.check.event)}\n`);
    expect(text.match(/@\S+ {2,}not at the provider/g)).toHaveLength(50);
    expect(text).toContain("… and 10 more");
  });

  test("is only looked at by a dry run, which tells why and the event that approves it", async () => {
    const report = await brandAdded().run({ dryRun: true });
    expect(report.check).toMatchObject({ safe: false, refused: false });
    expect(report.notes.at(-1)).toContain(JSON.stringify(report.check.event));
    expect(report.notes.at(-1)).toContain("it would subscribe 60 of 100 subscribers");
  });

  test.each([
    ["announcing the rest fails", "answer", ProviderRefusalError],
    ["the rest is left undone", "takes", ImportIncompleteError],
  ] as const)("is told even if %s, and the run ends with that error", async (_, what, error) => {
    const world = brandAdded();
    if (what === "takes") world.provider.takes = () => [];
    else {
      world.provider.answer = () => {
        throw new ProviderRefusalError("POST /files", 403, "ask the provider");
      };
    }
    const run = testRun<ImportReport>();
    await expect(world.run({}, run)).rejects.toThrow(error);
    const { notes, planId } = run.report;
    expect(notes!.at(-1)).toMatch(/^some of the plan waits for a person: it would subscribe 60 of 100/);
    expect(notes!.at(-1)).toContain(`{"list":"daily","apply":"${planId}","approve":["subscribe"]}`);
  });

  test("fills a list that holds nobody", async () => {
    const world = new ImportWorld([], rowsOf(emails(0, 2000)));
    expect(await world.run()).toMatchObject({ check: { safe: true }, remaining: none });
  });

  test("counts with what earlier runs of the day did", async () => {
    const list = emails(0, 100).map((email) => [email, held()] as const);
    const world = new ImportWorld(list, rowsOf(emails(0, 140)));
    await world.run();
    world.rows = rowsOf(emails(0, 180));
    const { error } = await refusedRun(world);
    expect(error.message).toContain("beside 40 within the last 24 hours");
    await world.run({}, testRun({ at: Date.UTC(2026, 5, 2, 1) }));
    expect(world.provider.subscribers.size).toBe(180);
  });
});

describe("an approval", () => {
  test("imports what it names, from both sides as they are then, and nothing else", async () => {
    const world = brandAdded();
    const { check } = await world.run({ dryRun: true });
    // Since then one of the new readers has gone, and another one has left the list.
    world.rows = world.rows.filter(({ email }) => email !== "r159@example.fr" && email !== "r50@example.fr");
    const report = await world.run(check.event);
    expect(world.announced.map(({ email }) => email)).toEqual(emails(100, 159));
    expect(report).toMatchObject({
      approval: { apply: check.event.apply, approve: ["subscribe"] },
      remaining: none,
      files: [{ group: "optOut" }, { group: "missing" }, { group: "subscribe", rows: 59 }],
    });
  });

  test("holds for as many changes as the approved plan had: more wait for another approval", async () => {
    const world = brandAdded();
    const { check } = await world.run({ dryRun: true });
    world.rows = [...world.rows, { email: "one-more@example.fr" }];
    const { error, report } = await refusedRun(world, check.event);
    expect(world.announced).toEqual([]);
    expect(error.message).toContain("it would subscribe 61 of 100 subscribers");
    expect(report.check.event.apply).toBe(report.planId);
    await world.run(report.check.event);
    expect(world.announced).toHaveLength(61);
  });

  test("does not use up the limits of the day", async () => {
    const world = brandAdded();
    await world.run((await world.run({ dryRun: true })).check.event);
    world.rows = [...world.rows, ...rowsOf(emails(160, 200))];
    expect(await world.run()).toMatchObject({ check: { safe: true } });
  });

  test("does not use them up when it fills an empty list, either", async () => {
    const world = new ImportWorld([], rowsOf(emails(0, 100)));
    await world.run((await world.run({ dryRun: true })).check.event);
    world.rows = [...world.rows, ...rowsOf(emails(100, 120))];
    expect(await world.run()).toMatchObject({ check: { safe: true } });
  });

  test("without a limit imports what exceeds none", async () => {
    const world = brandAdded();
    const { check } = await world.run({ dryRun: true });
    const report = await world.run({ list: "daily", apply: check.event.apply });
    expect(world.announced.map(({ email }) => email)).toEqual(emails(0, 2));
    const waits = `60 changes exceed a limit and still wait: ${JSON.stringify(report.check.event)} approves them`;
    expect(report.notes).toContain(waits);
  });

  test("that finds nothing to import says so", async () => {
    const world = brandAdded();
    const { check } = await world.run({ dryRun: true });
    world.rows = rowsOf(emails(0, 100));
    const { notes, remaining } = await world.run(check.event);
    expect(notes).toContain("nothing was imported: neither side asks any more for what was approved");
    expect([world.announced, remaining]).toEqual([[], none]);
  });

  test("that names a limit of which the plan has no change says that, and what still waits", async () => {
    const world = brandAdded();
    const { check } = await world.run({ dryRun: true });
    const { notes } = await world.run({ list: "daily", apply: check.event.apply, approve: ["update"] });
    expect(world.announced).toEqual([]);
    expect(notes).toEqual([
      "nothing was imported: the plan has no change that this event approves",
      expect.stringContaining("60 changes exceed a limit and still wait"),
    ]);
  });

  test("of an import that is unknown or too old is refused", async () => {
    const world = brandAdded();
    await expect(world.run({ list: "daily", apply: "unknown" })).rejects.toThrow(UnusablePlanError);
    const { check } = await world.run({ dryRun: true });
    const late = testRun<ImportReport>({ at: Date.UTC(2026, 5, 2, 0, 0, 1) });
    await expect(world.run(check.event, late)).rejects.toThrow(/it expired at/);
    expect(world.announced).toEqual([]);
  });
});

test("an approval names a list that exists", async () => {
  await expect(brandAdded().run({ list: "weekly", apply: "run-1" })).rejects.toThrow(InvalidEventError);
});
