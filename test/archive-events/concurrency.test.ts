import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { eventsKey, tableKey } from "../../functions/platform/storage/object-keys.ts";
import { ArchiveWorld, outcomes } from "./archive-world.ts";
import { InMemoryEventFiles } from "./in-memory-event-files.ts";
import { Interleaving } from "./interleaving.ts";

const file = { event: "nl_subscribe", date: "2026-03-09" } as const;
const named = { date: file.date, events: [file.event] };
const name = `${file.event} ${file.date}`;
const key = eventsKey(file.event, file.date);
const copyKey = tableKey(file.event, file.date);
// In another order than the table, so that the copy differs from the original.
const csvOf = (rows: number) => `email,date,email_list_id\n${"a@example.fr,2026-03-09,1\n".repeat(rows)}`;

const done = () => undefined;

/** Expects what a file's label promises: its original and its copy, of the same rows. */
function expectWhole({ archive }: ArchiveWorld, state: "killed" | "ended"): void {
  const original = archive.files.get(key);
  const copy = archive.files.get(copyKey);
  const { sha256 } = original?.metadata ?? {};
  const isLabelled = original !== undefined && original.labels["sha256"] === sha256;
  if (state === "killed" && !isLabelled) return;
  expect(original).toBeDefined();
  expect(copy?.metadata["original-sha256"]).toBe(sha256);
  const rows = Number(original?.metadata["rows"]);
  expect(archive.textOf(key)).toBe(csvOf(rows));
  expect(archive.textOf(copyKey)).toBe(
    `date,email,email_list_id\n${"2026-03-09,a@example.fr,1\n".repeat(rows)}`,
  );
}

describe("two invocations at once", () => {
  test("store a file once, and the slower one finds it", async () => {
    const world = new ArchiveWorld();
    const meeting = new Map<string, () => void>();
    world.archive.onCall = async ({ operation, key, moment }) => {
      if (operation !== "upload" || moment === "ends" || meeting.get(key) === done) return;
      const first = meeting.get(key);
      if (first === undefined) await new Promise<void>((resolve) => meeting.set(key, resolve));
      else {
        meeting.set(key, done);
        first();
      }
    };
    const [one, other] = await Promise.all([world.run(), world.run()]);
    const both = one.files.map(({ outcome }, at) => [outcome, other.files[at]?.outcome].sort());
    expect(both).toEqual(Array(4).fill(["stored", "unchanged"]));
    expect(world.keys("refused/")).toEqual([]);
  });

  const choices = fc.infiniteStream(fc.nat({ max: 1 }));
  const rowsOfBoth = fc.constantFrom([2, 3], [3, 2], [2, 2]);
  property.prop([choices, rowsOfBoth, fc.nat({ max: 2 })], { numRuns: 100 })(
    "end with the longest file and its copy, however their calls interleave",
    async (order, rows, standingRows) => {
      const world = new ArchiveWorld();
      if (standingRows > 0) {
        world.provider.csvs.set(name, csvOf(standingRows));
        await world.run(named);
      }
      const interleaving = new Interleaving(rows.length, () => {
        expectWhole(world, "killed");
        return order.next().value ?? 0;
      });
      const runs = rows.map((count, run) => {
        const provider = new InMemoryEventFiles();
        provider.csvs.set(name, csvOf(count));
        const archive = interleaving.storeFor(run, world.archive);
        world.dependencies = { ...world.dependencies, archive, openFiles: () => provider };
        const told = world.run(named).then(outcomes, (error: Error) => [error.message]);
        return told.finally(() => interleaving.end(run));
      });
      const told = (await Promise.all(runs)).flat();
      expectWhole(world, "ended");
      expect(world.archive.files.get(key)?.metadata["rows"]).toBe(String(Math.max(...rows)));
      for (const outcome of told) expect(outcome).toMatch(/ (stored|replaced|unchanged)$|shrank from/);
    },
  );

  test.each([0, 1])(
    "leave copy and label to the one that replaced the file, with %i rows before",
    async (before) => {
      const world = new ArchiveWorld();
      const hold = (rows: number) => world.provider.csvs.set(name, csvOf(rows));
      hold(before);
      if (before > 0) await world.run(named);
      hold(2);
      world.archive.onCall = async ({ operation, key }) => {
        if (operation !== "upload" || key !== copyKey) return;
        world.archive.onCall = done;
        hold(3);
        await world.run(named);
      };
      expect(outcomes(await world.run(named))).toEqual([`${name} ${before > 0 ? "replaced" : "stored"}`]);
      expectWhole(world, "ended");
      const { labels, metadata } = world.archive.files.get(key)!;
      expect([labels["sha256"], metadata["rows"]]).toEqual([metadata["sha256"], "3"]);
    },
  );
});

describe("a run that is killed", () => {
  const calls = Array.from({ length: 30 }, (_, n) => n);

  test.each([
    ["with an empty archive", 0],
    ["with a shorter file in the archive", 1],
    ["with the same file in the archive, but neither copy nor label", 2],
  ])(
    "at any call, %s, leaves no label without original and copy, and the next run completes it",
    async (_, before) => {
      let killed = 0;
      for (const at of calls) {
        const world = new ArchiveWorld();
        if (before > 0) {
          world.provider.csvs.set(name, csvOf(before));
          await world.run(named);
        }
        if (before === 2) {
          world.archive.files.delete(copyKey);
          world.archive.files.get(key)!.labels = {};
        }
        world.provider.csvs.set(name, csvOf(2));
        let call = 0;
        world.archive.onCall = () => {
          if (call++ >= at) throw new Error("killed");
        };
        killed += await world.run(named).then(
          () => 0,
          () => 1,
        );
        world.archive.onCall = done;
        expectWhole(world, "killed");
        const range = { from: file.date, to: file.date, events: [file.event] };
        await world.run(range);
        expectWhole(world, "ended");
        expect(world.archive.files.get(key)?.labels["sha256"]).toBe(
          world.archive.files.get(key)?.metadata["sha256"],
        );
        expect(world.archive.files.get(key)?.metadata["rows"]).toBe("2");
        expect(world.keys()).toEqual([key, copyKey].sort());
      }
      expect(killed).toBeGreaterThan(8);
      expect(killed).toBeLessThan(calls.length);
    },
  );
});
