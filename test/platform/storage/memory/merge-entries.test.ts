import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  digestOf,
  type EntryFormat,
  flagOf,
  forgotten,
  stampOf,
} from "../../../../functions/platform/storage/memory/entry.ts";
import { mergeEntries, sortEntries } from "../../../../functions/platform/storage/memory/merge-entries.ts";
import { SortedEntries } from "../../../../functions/platform/storage/memory/sorted-entries.ts";

const size = 5;
const format = (options: Partial<EntryFormat> = {}): EntryFormat => ({
  size,
  label: "tests 1",
  limit: 1000,
  isKept: () => true,
  ...options,
});

/** Few words, at both ends of their range: many keys are equal or share their first words. */
const word = fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
const entry = fc.tuple(word, word, word, fc.nat(1000), fc.nat(20));
const run = fc.array(entry, { maxLength: 40 });
type Entry = [number, number, number, number, number];

const keyOf = ([a, b, c]: readonly number[]) => `${a}/${b}/${c}`;
const stampIn = (of: readonly number[]) => of[size - 1]!;
const wordsOf = (entries: readonly Entry[]) => Uint32Array.from(entries.flat());

function entriesOf(words: Uint32Array): number[][] {
  return Array.from({ length: words.length / size }, (_, n) => [...words.subarray(n * size, (n + 1) * size)]);
}

function merged(runs: readonly Entry[][], options?: Partial<EntryFormat>): number[][] {
  const sorted = runs.map((entries) => sortEntries(wordsOf(entries), size));
  return entriesOf(mergeEntries(sorted, format(options)).words);
}

describe("sorting entries", () => {
  property.prop([run])("orders them by key, and entries of one key as they were recorded", (entries) => {
    const expected = entries.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    expect(entriesOf(sortEntries(wordsOf(entries), size))).toEqual(expected);
  });
});

describe("merging entries", () => {
  property.prop([fc.array(run, { maxLength: 6 })])("keeps the last entry of each key", (runs) => {
    const last = new Map(runs.flat().map((recorded) => [keyOf(recorded), recorded]));
    const expected = [...last.values()].filter((recorded) => stampIn(recorded) !== forgotten);
    const result = merged(runs);
    expect(new Map(result.map((recorded) => [keyOf(recorded), recorded]))).toEqual(
      new Map(expected.map((recorded) => [keyOf(recorded), recorded])),
    );
    expect(result).toHaveLength(expected.length);
  });

  property.prop([fc.array(run, { maxLength: 4 }), fc.integer({ min: 1, max: 8 }), fc.nat(20)])(
    "drops what is too old, and keeps the newest of each flag",
    (runs, limit, since) => {
      const isKept = (stamp: number) => stamp >= since;
      const unbounded = merged(runs, { isKept });
      expect(unbounded.every((recorded) => isKept(stampIn(recorded)))).toBe(true);
      const bounded = merged(runs, { isKept, limit });
      for (const flag of [0, 1]) {
        const newest = (entries: number[][]) =>
          entries
            .map(stampIn)
            .filter((stamp) => flagOf(stamp) === flag)
            .sort((a, b) => b - a);
        expect(newest(bounded)).toEqual(newest(unbounded).slice(0, limit));
      }
    },
  );
});

describe("sorted entries", () => {
  const digests = Array.from({ length: 500 }, (_, n) => digestOf(`reader ${n}`));
  const at = Date.UTC(2026, 10, 30);
  const recorded = digests.flatMap((digest, n) => {
    const bytes = Buffer.from(digest, "latin1");
    return [0, 4, 8].map((byte) => bytes.readUInt32LE(byte)).concat(n, stampOf(at, 1));
  });
  const sorted = mergeEntries([sortEntries(Uint32Array.from(recorded), size)], format());
  const sealed = Uint8Array.from(sorted.sealed(format()));

  test("find each of many, and nothing else", () => {
    digests.forEach((digest, n) => {
      expect(sorted.words[sorted.find(digest) + 3]).toBe(n);
    });
    for (let n = 500; n < 1000; n++) expect(sorted.find(digestOf(`reader ${n}`))).toBe(-1);
    expect(mergeEntries([], format()).find(digests[0]!)).toBe(-1);
  });

  test("are read back from their bytes, at any offset in a buffer", () => {
    for (const offset of [0, 1, 4, 7]) {
      for (const whole of [new Uint8Array(offset + sealed.length), Buffer.alloc(offset + sealed.length)]) {
        const bytes = whole.subarray(offset);
        bytes.set(sealed);
        expect(SortedEntries.unsealed(bytes, format())?.words).toEqual(sorted.words);
      }
    }
  });

  test("are not read from bytes that were cut or altered, or that have another label", () => {
    for (const length of [0, 1, 31, 32, 33, sealed.length - 1, sealed.length - 4 * size]) {
      expect(SortedEntries.unsealed(sealed.subarray(0, length), format())).toBeUndefined();
    }
    for (const at of [0, 31, 32, 1000, sealed.length - 1]) {
      const altered = Uint8Array.from(sealed);
      altered[at]! ^= 1;
      expect(SortedEntries.unsealed(altered, format())).toBeUndefined();
    }
    expect(SortedEntries.unsealed(sealed, format({ label: "tests 2" }))).toBeUndefined();
  });
});
