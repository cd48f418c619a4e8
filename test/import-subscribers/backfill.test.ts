import { expect, test } from "vitest";
import { OutOfTimeError } from "../../functions/domain/errors.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { summaryOf } from "../../functions/import-subscribers/summary.ts";
import { testRun } from "../support/test-run.ts";
import { ImportWorld } from "./import-world.ts";

const event = { list: "daily", backfill: {} };

/** Four readers to import, in files of one, by runs whose time is over when the nth file is announced. */
function worldOf() {
  const rows = Array.from({ length: 4 }, (_, n) => ({ email: `r${n}@example.fr` }));
  const world = new ImportWorld([], rows);
  world.settings = { import: { rowsPerFile: 1 } };
  const runUntil = (file: number, event: object): Promise<ImportReport> => {
    const stop = new AbortController();
    const last = world.provider.links.length + file;
    world.provider.answer = () => {
      if (world.provider.links.length === last) stop.abort(new OutOfTimeError("it was cut short"));
      stop.signal.throwIfAborted();
      return { id: world.provider.links.length, status: "uploaded" };
    };
    return world.run(event, testRun({ signal: stop.signal }));
  };
  return { world, runUntil };
}

test("a backfill whose time runs out after an announcement succeeds, and the next run does what is left", async () => {
  const { world, runUntil } = worldOf();
  const report = await runUntil(2, event);
  expect(report.next).toEqual({ ...event, backfill: { left: 4 } });
  expect(summaryOf(report)).toContain("the provider was told of 2; out of time: the next run goes on");
  const rest = await runUntil(9, report.next);
  expect(rest).toMatchObject({ planned: { subscribe: 3 }, remaining: { subscribe: 0 } });
  expect(rest.next).toBeUndefined();
  expect([...world.provider.subscribers.keys()]).toEqual(world.rows.map(({ email }) => email));
});

test("it fails if both sides ask for as much as before: the provider does not import what it is given", async () => {
  const { world, runUntil } = worldOf();
  world.provider.takes = () => [];
  const { next } = await runUntil(2, event);
  await expect(runUntil(2, next)).rejects.toThrow(OutOfTimeError);
});

test("it fails if the provider was told nothing, and if nobody asked for a backfill", async () => {
  await expect(worldOf().runUntil(2, { list: "daily" })).rejects.toThrow(OutOfTimeError);
  const { world } = worldOf();
  const stop = new AbortController();
  world.files.onCall = () => stop.abort(new OutOfTimeError("it was cut short"));
  await expect(world.run(event, testRun({ signal: stop.signal }))).rejects.toThrow(OutOfTimeError);
});
