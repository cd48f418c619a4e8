import { describe, expect, test } from "vitest";
import { metricsOf } from "../../functions/archive-events/metrics.ts";
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

const header = "date,email,email_list_id\n";
const row = "2026-03-09 10:00:00,a@example.fr,1\n";
const range = { from: subscribed.date, to: subscribed.date, events: [subscribed.event] };

const emptyFiles = [
  ["nothing at all", ""],
  ["a byte order mark", "\ufeff"],
  ["an empty line", "\r\n"],
  ["a header", header],
  ["a header without a line break", header.trimEnd()],
] as const;

function sending(csv: string): ArchiveWorld {
  const world = new ArchiveWorld();
  world.provider.csvs.set(name, csv);
  return world;
}

describe.each(emptyFiles)("a day of which the provider sends %s", (_, csv) => {
  test("is no failure, and nothing that an alarm counts", async () => {
    const report = await sending(csv).run(named);
    const numbers = { rows: 0, bytes: Buffer.byteLength(csv), sha256: sha256Of(csv) };
    expect(report.files).toEqual([{ ...subscribed, key, ...numbers, outcome: "empty" }]);
    const counted = metricsOf(report);
    expect(counted).toMatchObject({ ArchiveFilesFailed: 0, ArchiveFilesMissing: 0, ArchiveFilesLost: 0 });
    expect(counted).toMatchObject({ ArchiveFilesStored: 0 });
  });

  test("is known to be empty, and looked at again until it gets no more rows", async () => {
    const world = sending(csv);
    await world.run(range);
    expect(outcomes(await world.run(range))).toEqual([`${name} empty`]);
    expect(outcomes(await world.run(range, { at: nightAfter(7) }))).toEqual([`${name} empty`]);
    expect(await world.run(range, { at: nightAfter(7) })).toMatchObject({
      files: [],
      settled: 1,
      missing: 0,
    });
    expect(world.archive.textOf(key)).toBe(csv);
    expect(world.archive.textOf(copyKey).replace("\ufeff", "").trim()).toBe(
      csv.startsWith("d") ? header.trim() : "",
    );
  });

  test("takes rows that come late", async () => {
    const world = sending(csv);
    await world.run(named);
    world.provider.csvs.set(name, header + row);
    expect(outcomes(await world.run(named))).toEqual([`${name} replaced`]);
    expect(world.archive.textOf(copyKey)).toBe(header + row);
  });

  test("is empty whatever other empty file came before", async () => {
    for (const [, before] of emptyFiles) {
      const world = sending(before);
      await world.run(named);
      world.provider.csvs.set(name, csv);
      expect(outcomes(await world.run(named, { at: nightAfter(7) }))).toEqual([`${name} empty`]);
      expect(await world.run(range, { at: nightAfter(7) })).toMatchObject({ settled: 1 });
    }
  });

  test("does not empty a day that has rows", async () => {
    const world = sending(header + row);
    await world.run(named);
    world.provider.csvs.set(name, csv);
    const { error, report } = await world.failing(named);
    expect(error.message).toContain(`(1 to 0 rows), so the longer file stays`);
    expect(report).toMatchObject({ missing: 0, files: [{ outcome: "failed", sha256: sha256Of(csv) }] });
    expect(world.keys("refused/")).toHaveLength(csv === "" ? 0 : 1);
    expect(world.archive.textOf(key)).toBe(header + row);
  });
});
