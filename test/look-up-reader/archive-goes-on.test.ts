import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { eraseFromArchive } from "../../functions/look-up-reader/erase-archive.ts";
import { ErasureTally } from "../../functions/look-up-reader/erasure.ts";
import { createReaderMatcher } from "../../functions/look-up-reader/reader-matcher.ts";
import type { Bucket } from "../../functions/platform/storage/bucket.ts";
import {
  ArchiveWorld,
  copyKey,
  key,
  name,
  named,
  nightAfter,
  outcomes,
} from "../archive-events/archive-world.ts";
import { testRun } from "../support/test-run.ts";

const header = "date,email,email_list_id\n";
const rowOf = (email: string) => `2026-03-09 10:00:00,${email},1\n`;

/** An archive with one file of two readers, Anna and Bob. Anna is erased. */
async function erasedWorld(): Promise<ArchiveWorld> {
  const world = new ArchiveWorld();
  world.provider.csvs.set(name, header + rowOf("anna@example.fr") + rowOf("bob@example.fr"));
  await world.run(named, { at: nightAfter(2) });
  const tally = new ErasureTally();
  const matcher = createReaderMatcher("anna@example.fr");
  const { signal } = new AbortController();
  const place = { bucket: bucketOf(world), files: world.archive, hasLabels: true };
  await eraseFromArchive({ ...place, matcher, tally, signal }, {}, testRun());
  expect(tally.keys.toSorted()).toEqual([key, copyKey]);
  return world;
}

function bucketOf({ archive: { files } }: ArchiveWorld): Bucket {
  return {
    async *list(prefix) {
      for (const key of files.keys()) {
        if (key.startsWith(prefix)) yield { key, bytes: 0, changedAt: new Date(0) };
      }
    },
    async open(key) {
      const file = files.get(key);
      return file && { ...file, body: Readable.from([Buffer.from(file.bytes)]) };
    },
    async remove(key) {
      files.delete(key);
    },
  };
}

test("the archive does not fetch a file again of which a reader was erased, if it was settled", async () => {
  const world = await erasedWorld();
  world.provider.opened.length = 0;
  await world.run({}, { at: nightAfter(1) });
  expect(world.provider.opened).not.toContain(name);
});

test("and puts nobody back if it fetches the same file once more", async () => {
  const world = await erasedWorld();
  expect(outcomes(await world.run(named))).toEqual([`${name} unchanged`]);
  for (const stored of [key, copyKey])
    expect(world.archive.textOf(stored)).toBe(header + rowOf("bob@example.fr"));
});

test("but a file with more rows than before is stored as the provider sends it", async () => {
  const world = await erasedWorld();
  const longer = header + ["anna", "bob", "zoe"].map((reader) => rowOf(`${reader}@example.fr`)).join("");
  world.provider.csvs.set(name, longer);
  expect(outcomes(await world.run(named))).toEqual([`${name} replaced`]);
  expect(world.archive.textOf(key)).toBe(longer);
});
