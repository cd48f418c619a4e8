import { ConfigurationError } from "../errors.ts";
import type { RecordSlice } from "../records/packed-record.ts";

const chunkBits = 20;
const chunkSize = 1 << chunkBits;
const chunkMask = chunkSize - 1;
const firstChunkSize = 1 << 14;
const maxChunks = 2 ** (32 - chunkBits);

/**
 * Memory that only grows, addressed by 32-bit positions. It consists of chunks of 1 MiB, so growing never copies, and
 * what is appended is never split. The first chunk is smaller, so that a small list does not clear a megabyte. Nothing
 * stands at position 0, which can mean "nowhere".
 */
export class ByteArena {
  readonly #chunks: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  readonly #used: number[] = [];

  /** Copies the bytes of `source` from `start` to `end`, and returns the position of the copy. */
  append(source: Uint8Array, start: number, end: number): number {
    const size = end - start;
    let last = this.#chunks.length - 1;
    if (last < 0 || this.#used[last]! + size > this.#chunks[last]!.length) last = this.#addChunk(size);
    const offset = this.#used[last]!;
    const chunk = this.#chunks[last]!;
    let to = offset;
    for (let from = start; from < end; from++) chunk[to++] = source[from]!;
    this.#used[last] = to;
    return last * chunkSize + offset;
  }

  /** The chunk that a position is in, at {@link offsetOf}. */
  chunkOf(position: number): Uint8Array {
    return this.#chunks[position >>> chunkBits]!;
  }

  viewOf(position: number): DataView {
    return this.#views[position >>> chunkBits]!;
  }

  offsetOf(position: number): number {
    return position & chunkMask;
  }

  /** Each chunk in turn: its bytes from `start` to `end` are in use, and `position` is that of its first byte. */
  *chunks(): Generator<RecordSlice & { readonly position: number }> {
    for (const [number, bytes] of this.#chunks.entries()) {
      yield {
        bytes,
        start: firstOffset(number),
        end: this.#used[number]!,
        position: number * chunkSize,
      };
    }
  }

  #addChunk(size: number): number {
    const number = this.#chunks.length;
    if (size > chunkSize - 1) {
      throw new ConfigurationError(
        "lists",
        `a row takes ${size} bytes, and at most ${chunkSize - 1} are allowed`,
      );
    }
    if (number === maxChunks) {
      throw new ConfigurationError("lists", "this list does not fit into one function's index of 4 GiB");
    }
    const chunk = new Uint8Array(number === 0 ? Math.max(firstChunkSize, size + 1) : chunkSize);
    this.#chunks.push(chunk);
    this.#views.push(new DataView(chunk.buffer));
    this.#used.push(firstOffset(number));
    return number;
  }
}

function firstOffset(chunk: number): number {
  return chunk === 0 ? 1 : 0;
}
