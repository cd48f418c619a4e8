import { wordOf } from "../../../platform/storage/memory/entry.ts";

const keyWords = 3;
const chunkEntries = 1 << 15;
const firstSlots = 1 << 10;

/**
 * Millions of entries by digest, without an object for each: the first 12 bytes of a digest, then a content of some words.
 * A hash table with linear probing over entries that stand in the order in which they came; at most 70 % of the slots are
 * taken. An entry takes its words and 6 to 12 bytes.
 */
export class DigestTable {
  readonly #size: number;
  readonly #chunks: Uint32Array[] = [];
  /** Numbers of entries, counted from 1. */
  #slots = new Uint32Array(firstSlots);
  #count = 0;

  /** @param contentWords how many words of content an entry has */
  constructor(contentWords: number) {
    this.#size = keyWords + contentWords;
  }

  /** Adds an entry, even if there are others with its digest. @returns whether there were none */
  add(digest: string, content: readonly number[] = []): boolean {
    if (this.#count >= this.#slots.length * 0.7) this.#grow();
    const number = this.#append(digest, content);
    let isFirst = true;
    let slot = this.#home(number);
    for (; this.#slots[slot] !== 0; slot = this.#next(slot)) {
      isFirst &&= !this.#isOf(this.#slots[slot]!, digest);
    }
    this.#slots[slot] = number;
    return isFirst;
  }

  has(digest: string): boolean {
    return this.find(digest).length > 0;
  }

  /** The contents of the entries with this digest. */
  find(digest: string): Uint32Array[] {
    const contents: Uint32Array[] = [];
    let slot = wordOf(digest, 0) & (this.#slots.length - 1);
    for (; this.#slots[slot] !== 0; slot = this.#next(slot)) {
      const number = this.#slots[slot]!;
      if (this.#isOf(number, digest)) contents.push(this.#entry(number).subarray(keyWords));
    }
    return contents;
  }

  #append(digest: string, content: readonly number[]): number {
    if (this.#count === this.#chunks.length * chunkEntries) {
      this.#chunks.push(new Uint32Array(chunkEntries * this.#size));
    }
    const entry = this.#entry(++this.#count);
    for (let word = 0; word < keyWords; word++) entry[word] = wordOf(digest, word);
    for (let word = keyWords; word < this.#size; word++) entry[word] = content[word - keyWords]!;
    return this.#count;
  }

  #entry(number: number): Uint32Array {
    const chunk = this.#chunks[Math.floor((number - 1) / chunkEntries)]!;
    const at = ((number - 1) % chunkEntries) * this.#size;
    return chunk.subarray(at, at + this.#size);
  }

  #isOf(number: number, digest: string): boolean {
    const entry = this.#entry(number);
    return entry[0] === wordOf(digest, 0) && entry[1] === wordOf(digest, 1) && entry[2] === wordOf(digest, 2);
  }

  #home(number: number): number {
    return this.#entry(number)[0]! & (this.#slots.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let number = 1; number <= this.#count; number++) {
      let slot = this.#home(number);
      while (this.#slots[slot] !== 0) slot = this.#next(slot);
      this.#slots[slot] = number;
    }
  }
}
