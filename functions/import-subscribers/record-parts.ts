import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { growBytes } from "../domain/records/grow-bytes.ts";
import type { RecordBlock } from "../domain/records/packed-record.ts";

interface Part {
  readonly path: string;
  bytes: Uint8Array;
  used: number;
  count: number;
}

const partCount = 64;
const bufferBytes = 1 << 16;
/** Of each part's buffer, which grows: most lists are far smaller than all buffers together. */
const firstBytes = 1 << 8;

/**
 * Packed records on this machine's disk, partitioned by a hash: equal hashes share a part, and a part of a list of
 * millions easily fits in memory.
 */
export class RecordParts {
  readonly #parts: readonly Part[];

  /** @param folder must exist, and is removed by whoever made it */
  constructor(folder: string, name: string) {
    this.#parts = Array.from({ length: partCount }, (_, part) => ({
      path: join(folder, `${name}-${part}`),
      bytes: new Uint8Array(firstBytes),
      used: 0,
      count: 0,
    }));
  }

  /** Adds the record in `bytes` from `start` to `end`. */
  add(hash: number, { bytes, start, end }: { bytes: Uint8Array; start: number; end: number }): void {
    const part = this.#parts[hash % partCount]!;
    const used = part.used + end - start;
    if (used > part.bytes.length) part.bytes = growBytes(part.bytes, used);
    part.bytes.set(bytes.subarray(start, end), part.used);
    part.used = used;
    part.count++;
  }

  /** Writes buffers that are half full; must be awaited now and then, since `add` only collects. */
  async write(): Promise<void> {
    for (const part of this.#parts) {
      if (part.used < bufferBytes / 2) continue;
      await appendFile(part.path, part.bytes.subarray(0, part.used));
      part.used = 0;
    }
  }

  /** Yields each part that has records, once: it is deleted from the disk when it has been read. */
  async *read(): AsyncGenerator<RecordBlock> {
    for (const { path, bytes, used, count } of this.#parts) {
      if (count === 0) continue;
      await appendFile(path, bytes.subarray(0, used));
      const block = { bytes: await readFile(path), count };
      await rm(path);
      yield block;
    }
  }
}
