import { layout, recordEnd, textsOf } from "../records/packed-record.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

const cursor = new TextCursor();

/**
 * A number of 53 bits by which an entry is recognised in a later reading of both sides, as long as the source's row of it
 * stays the same. Of a million addresses, none is taken for another one by chance.
 */
export function fingerprintOf(index: SubscriberIndex, entry: Position): number {
  const address = index.records.open(cursor, entry).read().hash();
  return address * 2 ** 21 + (contentOf(index, entry) >>> 11);
}

/** A hash of the source's row: 0 if it has none. */
function contentOf({ records, columns }: SubscriberIndex, entry: Position): number {
  const match = records.matchOf(entry);
  if (match === matches.onlyCurrent) return 0;
  const row = match === matches.separate ? records.desiredRecordOf(entry) : entry;
  const start = records.offsetOf(row);
  cursor.bytes = records.bytesOf(row);
  cursor.start = start + layout.key;
  cursor.end = recordEnd(cursor.bytes, start, textsOf(columns));
  return (cursor.hash() + records.statusOf(row)) >>> 0;
}

/** Fingerprints at eight bytes each, so that millions of them can be kept. Ask only after the last has been added. */
export class FingerprintSet {
  #prints = new Float64Array(1024);
  #length = 0;
  #isSorted = true;

  add(fingerprint: number): void {
    if (this.#length === this.#prints.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#prints);
      this.#prints = larger;
    }
    this.#prints[this.#length++] = fingerprint;
    this.#isSorted = false;
  }

  has(fingerprint: number): boolean {
    const prints = this.#prints.subarray(0, this.#length);
    if (!this.#isSorted) prints.sort();
    this.#isSorted = true;
    let low = 0;
    for (let high = prints.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (prints[middle]! < fingerprint) low = middle + 1;
      else high = middle;
    }
    return prints[low] === fingerprint;
  }
}
