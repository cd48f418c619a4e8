import { createHash } from "node:crypto";
import { compareKeys, type EntryFormat, wordOf } from "./entry.ts";

/** A SHA-256, before the entries in one buffer: nothing is copied to be written or read. */
const sealBytes = 32;

/** Entries in the order of their keys, each key once. */
export class SortedEntries {
  readonly words: Uint32Array;
  readonly #size: number;

  /** @param words as allocated here, or a part of it from its beginning */
  constructor(words: Uint32Array, size: number) {
    this.words = words;
    this.#size = size;
  }

  static allocate(words: number): Uint32Array {
    return new Uint32Array(new ArrayBuffer(sealBytes + 4 * words), sealBytes);
  }

  /** @returns undefined when the bytes are not what {@link sealed} once made of entries of this format */
  static unsealed(bytes: Uint8Array, { label, size }: EntryFormat): SortedEntries | undefined {
    const entries = bytes.subarray(sealBytes);
    if (Buffer.compare(bytes.subarray(0, sealBytes), sealOf(entries, label)) !== 0) return undefined;
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
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

  /** Where the entry of a digest stands in `words`; -1 if there is none. */
  find(digest: string): number {
    const key = Uint32Array.of(wordOf(digest, 0), wordOf(digest, 1), wordOf(digest, 2));
    let low = 0;
    let high = this.words.length / this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareKeys(this.words, middle * this.#size, key, 0);
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
