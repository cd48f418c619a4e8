import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { enlarged } from "../domain/records/enlarged.ts";
import type { RecordBlock } from "../domain/records/packed-record.ts";

interface Part {
  readonly path: string;
  bytes: Uint8Array;
  used: number;
  count: number;
}

const partCount = 64;
const bufferBytes = 1 << 16;

/**
 * Packed records on this machine's disk, parted by a hash: records of one hash are in one part, and a part of a
 * list of millions fits in memory with ease.
 */
export class RecordParts {
  readonly #parts: readonly Part[];

  /** @param folder must exist; who makes it removes it */
  constructor(folder: string, name: string) {
    this.#parts = Array.from({ length: partCount }, (_, part) => ({
      path: join(folder, `${name}-${part}`),
      bytes: new Uint8Array(bufferBytes),
      used: 0,
      count: 0,
    }));
  }

  /** Takes the record that stands in `bytes` from `start` to `end`. */
  add(hash: number, { bytes, start, end }: { bytes: Uint8Array; start: number; end: number }): void {
    const part = this.#parts[hash % partCount]!;
    const used = part.used + end - start;
    if (used > part.bytes.length) part.bytes = enlarged(part.bytes, used);
    part.bytes.set(bytes.subarray(start, end), part.used);
    part.used = used;
    part.count++;
  }

  /** Writes what fills a buffer; to be awaited now and then, as `add` only collects. */
  async write(): Promise<void> {
    for (const part of this.#parts) {
      if (part.used < bufferBytes / 2) continue;
      await appendFile(part.path, part.bytes.subarray(0, part.used));
      part.used = 0;
    }
  }

  /** Each part that has any records, once: its place on the disk is free again when the next one is read. */
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
