import { wordOf } from "../memory/entry.ts";
import { type RecordCode, recordWords } from "./history-block.ts";

const recordsPerChunk = 4096;

/** Records as they come, without an object for each. */
export class RecordBuffer {
  #chunks: Uint32Array[] = [];
  #count = 0;

  get length(): number {
    return this.#count;
  }

  add(hash: string, [what, minutes]: RecordCode): void {
    const at = (this.#count++ % recordsPerChunk) * recordWords;
    if (at === 0) this.#chunks.push(new Uint32Array(recordsPerChunk * recordWords));
    this.#chunks.at(-1)!.set([wordOf(hash, 0), wordOf(hash, 1), what, minutes], at);
  }

  /** All of them, in their order; the buffer is empty then. */
  take(): Uint32Array {
    const words = new Uint32Array(this.#count * recordWords);
    for (const [n, chunk] of this.#chunks.entries()) {
      const start = n * recordsPerChunk * recordWords;
      words.set(chunk.subarray(0, words.length - start), start);
    }
    this.clear();
    return words;
  }

  clear(): void {
    this.#chunks = [];
    this.#count = 0;
  }
}
