import { createHash } from "node:crypto";
import { compareKeys, type EntryFormat, wordOf } from "./entry.ts";

/** A SHA-256 stands before the entries, in the same buffer, so that neither reading nor writing copies them. */
const sealBytes = 32;

/** Entries sorted by key, with one entry per key. */
export class SortedEntries {
  readonly words: Uint32Array;
  readonly #size: number;

  /** @param words from {@link allocate}, possibly shortened at the end */
  constructor(words: Uint32Array, size: number) {
    this.words = words;
    this.#size = size;
  }

  static allocate(words: number): Uint32Array {
    return new Uint32Array(new ArrayBuffer(sealBytes + 4 * words), sealBytes);
  }

  /** @returns undefined if the bytes are damaged or of another format */
  static unsealed(bytes: Uint8Array, { label, size }: EntryFormat): SortedEntries | undefined {
    const entries = bytes.subarray(sealBytes);
    if (Buffer.compare(bytes.subarray(0, sealBytes), sealOf(entries, label)) !== 0) return undefined;
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const start = aligned.byteOffset + sealBytes;
    return new SortedEntries(new Uint32Array(aligned.buffer, start, entries.length / 4), size);
  }

  sealed({ label }: EntryFormat): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.words;
    const bytes = new Uint8Array(buffer, byteOffset - sealBytes, sealBytes + byteLength);
    bytes.set(sealOf(bytes.subarray(sealBytes), label));
    return bytes;
  }

  get isEmpty(): boolean {
    return this.words.length === 0;
  }

  /** The position in `words` of the entry with this key; -1 if there is none. */
  find(key: string): number {
    const sought = Uint32Array.of(wordOf(key, 0), wordOf(key, 1), wordOf(key, 2));
    let low = 0;
    let high = this.words.length / this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareKeys(this.words, middle * this.#size, sought, 0);
      if (order === 0) return middle * this.#size;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }
}

function sealOf(entries: Uint8Array, label: string): Uint8Array {
  return createHash("sha256").update(label).update(entries).digest();
}
