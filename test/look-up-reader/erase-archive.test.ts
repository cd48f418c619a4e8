import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eraseFromArchive } from "../../functions/look-up-reader/erase-archive.ts";
import { ErasureTally } from "../../functions/look-up-reader/erasure.ts";
import { createReaderMatcher } from "../../functions/look-up-reader/reader-matcher.ts";
import { eventsKey } from "../../functions/platform/storage/object-keys.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { testRun } from "../support/test-run.ts";
import { Buckets } from "./buckets.ts";

let aws: LocalAws;
let buckets: Buckets;

beforeAll(async () => {
  aws = await startLocalAws({ variables: {}, secrets: {} });
  buckets = new Buckets(aws.environment);
});
afterAll(() => aws.stop());

const keyOf = (n: number) => eventsKey("nl_display", `2026-01-${String(n).padStart(2, "0")}`);

function erasureOf(email: string) {
  const { bucket, files } = buckets.of(buckets.archive);
  const tally = new ErasureTally();
  const signal = new AbortController().signal;
  return { bucket, files, matcher: createReaderMatcher(email), tally, signal, hasLabels: true };
}

test("an erasure whose time is over goes on at the file where it stopped", async () => {
  for (let n = 1; n <= 20; n++) {
    await buckets.put(
      buckets.archive,
      keyOf(n),
      gzipSync("date,email\nx,anna@example.fr\nx,bob@example.fr\n"),
    );
  }
  const over = { ...testRun<unknown>(), now: () => new Date(Date.UTC(2027, 0)) };
  const seen: (string | undefined)[] = [];
  let from: string | undefined;
  do {
    from = await eraseFromArchive(erasureOf("anna@example.fr"), { from }, over);
    seen.push(from);
  } while (from !== undefined && seen.length < 100);
  expect(seen.slice(0, 2)).toEqual([keyOf(2), keyOf(3)]);
  expect(seen).toHaveLength(20);
  expect(await buckets.holding("anna@example.fr")).toEqual([]);
  expect(await buckets.text(buckets.archive, keyOf(7))).toBe("date,email\nx,bob@example.fr\n");
});

test("a file that is replaced meanwhile is looked at again, and its labels stay those of the file", async () => {
  const { files } = buckets.of(buckets.archive);
  await buckets.put(buckets.archive, keyOf(1), gzipSync("date,email\nx,cid@example.fr\n"));
  await files.label(keyOf(1), { "fetched-at": "2026-02-01T00:00:00Z" });
  const erasure = erasureOf("cid@example.fr");
  let replaces = true;
  const replacing = {
    ...erasure.files,
    upload: async (...upload: Parameters<typeof files.upload>) => {
      if (replaces) {
        replaces = false;
        await buckets.put(
          buckets.archive,
          keyOf(1),
          gzipSync("date,email\nx,cid@example.fr\nx,dan@example.fr\n"),
        );
      }
      return files.upload(...upload);
    },
  };
  await eraseFromArchive({ ...erasure, files: replacing }, {}, testRun());
  expect(await buckets.text(buckets.archive, keyOf(1))).toBe("date,email\nx,dan@example.fr\n");
  expect(erasure.tally.erased).toEqual({ events: { objects: 1, rows: 1 } });
});

test("a damaged file stays as it is and is named, and the reader goes from all others", async () => {
  const whole = gzipSync("date,email\nx,fay@example.fr\n");
  const cut = whole.subarray(0, -12);
  await buckets.put(buckets.archive, keyOf(3), cut);
  await buckets.put(buckets.archive, "athena-results/3.csv.gz", "no gzip");
  await buckets.put(buckets.archive, keyOf(4), whole);
  await buckets.put(buckets.archive, keyOf(5), "");
  const erasure = erasureOf("fay@example.fr");
  expect(await eraseFromArchive(erasure, {}, testRun())).toBeUndefined();
  expect(erasure.tally.erased).toEqual({ events: { objects: 1, rows: 1 } });
  expect(erasure.tally.unreadable.toSorted()).toEqual(["athena-results/3.csv.gz", keyOf(3), keyOf(5)]);
  for (const key of erasure.tally.unreadable) await buckets.of(buckets.archive).bucket.remove(key);
});

test("what a file is labelled with still holds after rows of it are gone", async () => {
  const { files } = buckets.of(buckets.archive);
  await buckets.put(buckets.archive, keyOf(2), gzipSync("date,email\nx,eve@example.fr\n"));
  const labels = { "fetched-at": "2026-02-01T00:00:00Z", sha256: "a" };
  await files.label(keyOf(2), labels);
  await eraseFromArchive(erasureOf("eve@example.fr"), {}, testRun());
  expect(await files.labelsOf(keyOf(2))).toEqual(labels);
});
