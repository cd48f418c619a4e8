import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ObjectStore } from "./object-store.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** One stored object: its number of rows, and the SHA-256 of its NDJSON in hexadecimal. */
export interface Chunk {
  readonly rows: number;
  readonly sha256: string;
}

/** When a chunk is full. */
interface ChunkLimits<Row> {
  readonly rows: number;
  /** No chunk is larger, unless it is a single row. */
  readonly size: number;
  /** The size of a row. @default its characters of NDJSON, which are bytes for most of them */
  readonly sizeOf?: (row: Row) => number;
}

/** Stores rows as gzipped NDJSON, `rowsPerChunk` to an object. Rows do not stay in memory once they are stored. */
export class NdjsonChunks<Row> {
  readonly chunks: Chunk[] = [];
  readonly #store: ObjectStore;
  readonly #limits: ChunkLimits<Row>;
  readonly #keyOf: (chunk: number) => string;
  #lines: string[] = [];
  #size = 0;
  #storing: Promise<unknown> = Promise.resolve();

  constructor(store: ObjectStore, limits: ChunkLimits<Row>, keyOf: (chunk: number) => string) {
    this.#store = store;
    this.#limits = limits;
    this.#keyOf = keyOf;
  }

  get rows(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.rows, this.#lines.length);
  }

  /** Waits only when a chunk is full while the one before it is still being stored. */
  async add(row: Row): Promise<void> {
    const line = JSON.stringify(row);
    const { rows, size, sizeOf = () => line.length } = this.#limits;
    const rowSize = sizeOf(row);
    const isFull = this.#lines.length === rows || (this.#lines.length > 0 && this.#size + rowSize > size);
    const stored = isFull ? this.#storeChunk() : undefined;
    this.#lines.push(line);
    this.#size += rowSize;
    await stored;
  }

  /** Stores the last, partial chunk, and waits until everything is stored. */
  async finish(): Promise<void> {
    if (this.#lines.length > 0) await this.#storeChunk();
    await this.#storing;
  }

  /** Discards all rows: the next ones overwrite their objects. */
  async restart(): Promise<void> {
    this.#lines = [];
    this.#size = 0;
    await this.#storing;
    this.chunks.length = 0;
  }

  async #put(chunk: number, ndjson: Buffer): Promise<void> {
    await this.#store.put(this.#keyOf(chunk), await compress(ndjson));
  }

  async #storeChunk(): Promise<void> {
    const ndjson = Buffer.from(`${this.#lines.join("\n")}\n`);
    const number = this.chunks.push({ rows: this.#lines.length, sha256: sha256Of(ndjson) }) - 1;
    this.#lines = [];
    this.#size = 0;
    const stored = this.#storing;
    const storing = Promise.all([stored, this.#put(number, ndjson)]);
    // Awaited by the next chunk or by finish, which then report a failure.
    storing.catch(() => undefined);
    this.#storing = storing;
    await stored;
  }
}

/** @returns the parsed rows; undefined when the object is missing or damaged, or does not match a given hash */
export async function readChunk(
  store: ObjectStore,
  key: string,
  sha256?: string,
): Promise<unknown[] | undefined> {
  const object = await store.get(key);
  if (object === undefined) return undefined;
  const ndjson = await decompress(object.bytes).catch(() => undefined);
  if (ndjson === undefined) return undefined;
  if (sha256 !== undefined && sha256Of(ndjson) !== sha256) return undefined;
  return ndjson
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
