import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { archiveEvents } from "../../functions/archive-events/archive-events.ts";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { testRun } from "../support/test-run.ts";
import {
  ArchiveWorld,
  copyKey,
  key,
  name,
  named,
  night,
  nightAfter,
  outcomes,
  sha256Of,
  subscribed,
} from "./archive-world.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-archive-"));
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => expect(readdirSync(folder)).toEqual([]));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const csvOf = (rows: number) =>
  `date,email,email_list_id\n${Array.from({ length: rows }, (_, n) => `2026-03-09,r${n}@example.fr,1\n`).join("")}`;

describe("a file", () => {
  test("is stored exactly as it was sent, with its numbers, and then labelled", async () => {
    const world = new ArchiveWorld();
    const csv = csvOf(3);
    world.provider.csvs.set(name, csv);
    const { files } = await world.run(named);
    const numbers = { rows: 3, bytes: Buffer.byteLength(csv), sha256: sha256Of(csv) };
    expect(files).toEqual([{ ...subscribed, key, ...numbers, outcome: "stored" }]);
    expect(world.archive.textOf(key)).toBe(csv);
    expect(world.archive.files.get(key)).toMatchObject({
      contentType: "application/gzip",
      metadata: {
        rows: "3",
        bytes: String(numbers.bytes),
        sha256: numbers.sha256,
        columns: "date,email,email_list_id",
        source: "GET /files/{event}/{date} event=nl_subscribe date=2026-03-09",
        "fetched-at": new Date(night).toISOString(),
      },
      labels: { "fetched-at": new Date(night).toISOString(), sha256: numbers.sha256 },
    });
  });

  test("that has not changed is not written again", async () => {
    const world = new ArchiveWorld();
    const first = await world.run(named);
    const counted = world.countUploads();
    const again = await world.run(named, { at: nightAfter(1) });
    expect(again.files).toEqual([{ ...first.files[0], outcome: "unchanged" }]);
    expect(counted.uploads).toBe(0);
    const fetchedAt = new Date(nightAfter(1)).toISOString();
    expect(world.archive.files.get(key)?.labels).toMatchObject({ "fetched-at": fetchedAt });
  });

  test("with late rows replaces the shorter one, and so does its copy", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set(name, csvOf(2));
    await world.run(named);
    world.provider.csvs.set(name, csvOf(3));
    expect((await world.run(named)).files).toMatchObject([{ outcome: "replaced", rows: 3 }]);
    expect(world.archive.textOf(key)).toBe(csvOf(3));
    expect(world.archive.textOf(copyKey)).toBe(csvOf(3));
  });

  test("that shrank is refused and kept aside, the longer one stays, and the run fails", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set(name, csvOf(3));
    await world.run();
    world.provider.csvs.set(name, csvOf(2));
    const { error, report } = await world.failing({}, { at: nightAfter(1) });
    const acceptance = `{"date":"2026-03-09","events":["nl_subscribe"],"accept":"${sha256Of(csvOf(2))}"}`;
    const reason = `shrank from 106 to 79 bytes (3 to 2 rows), so the longer file stays; if it is right, accept it with the event ${acceptance}`;
    expect(error.message).toBe(`1 of 4 files were not archived: nl_subscribe of 2026-03-09 ${reason}`);
    const keptAside = `refused/nl_subscribe/date=2026-03-09/nl_subscribe-2026-03-09-${sha256Of(csvOf(2)).slice(0, 16)}.csv.gz`;
    expect(report.files).toContainEqual(
      expect.objectContaining({ ...subscribed, outcome: "failed", rows: 2, reason, keptAside }),
    );
    expect(world.archive.textOf(keptAside)).toBe(csvOf(2));
    expect(world.archive.textOf(key)).toBe(csvOf(3));
    expect(world.archive.textOf(copyKey)).toBe(csvOf(3));
    expect(report.missing).toBe(0);
    expect(outcomes(report)).toContain("nl_subscribe 2026-03-10 stored");
  });

  test("with fewer bytes is refused even if it has as many rows", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set(name, csvOf(3));
    await world.run(named);
    world.provider.csvs.set(name, csvOf(3).replace("r1@example.fr", ""));
    const { error } = await world.failing(named);
    expect(error.message).toContain("shrank from 106 to 93 bytes (3 to 3 rows)");
    expect(world.archive.textOf(key)).toBe(csvOf(3));
  });

  test("with fewer rows is refused even if it has more bytes", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set(name, csvOf(3));
    await world.run(named);
    world.provider.csvs.set(name, csvOf(2).replace("r1@", `${"r".repeat(50)}@`));
    const { error } = await world.failing(named);
    expect(error.message).toContain("(3 to 2 rows), so the longer file stays");
    expect(world.archive.textOf(key)).toBe(csvOf(3));
  });

  test("never replaces one whose size is not recorded", async () => {
    const world = new ArchiveWorld();
    await world.run(named);
    world.archive.files.set(key, { ...world.archive.files.get(key)!, metadata: {} });
    const { error, report } = await world.failing(named);
    expect(error.message).toContain("differs from the stored file, whose size is not recorded");
    expect(report).toMatchObject({ missing: 0, files: [{ keptAside: expect.any(String) }] });
  });

  test("that the provider does not have counts as missing, not as failed", async () => {
    const world = new ArchiveWorld();
    world.provider.csvs.set(name, undefined);
    const report = await world.run(named);
    expect(report).toMatchObject({ missing: 1, left: 0 });
    expect(report.files).toEqual([
      { ...subscribed, key, outcome: "unavailable", reason: "does not exist at the provider" },
    ]);
    expect(world.keys()).toEqual([]);
  });

  test("that the provider no longer has is not missing, since the archive has it", async () => {
    const world = new ArchiveWorld();
    await world.run(named);
    world.provider.csvs.set(name, undefined);
    expect(await world.run(named)).toMatchObject({ missing: 0, files: [{ outcome: "unavailable" }] });
  });

  test("is downloaded to where no other user can read it", async () => {
    const world = new ArchiveWorld();
    const modes: number[] = [];
    world.archive.onCall = ({ operation }) => {
      const [run = ""] = readdirSync(folder);
      const paths = [
        join(folder, run),
        ...readdirSync(join(folder, run)).map((file) => join(folder, run, file)),
      ];
      if (operation === "upload") modes.push(...paths.map((path) => statSync(path).mode & 0o777));
    };
    await world.run(named);
    expect(new Set(modes)).toEqual(new Set([0o700, 0o600]));
  });
});

test("keeps no more files on the disk than it works on at once", async () => {
  const world = new ArchiveWorld();
  world.dependencies = { ...world.dependencies, settings: { lookBackDays: 10, events: ["nl_subscribe"] } };
  let most = 0;
  world.archive.onCall = ({ operation }) => {
    const [run = ""] = readdirSync(folder);
    if (operation === "upload") most = Math.max(most, readdirSync(join(folder, run)).length);
  };
  await world.run();
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
});

test("reports its progress in files", async () => {
  const world = new ArchiveWorld();
  const told: unknown[] = [];
  const run = {
    ...testRun<ArchiveReport>({ at: night }),
    progress: (...state: unknown[]) => void told.push(state),
  };
  await archiveEvents({}, world.dependencies, run);
  expect(told).toEqual([1, 2, 3, 4].map((done) => ["archiving", done, 4]));
});
