import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ObjectStore } from "./object-store.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** One object of rows: how many, and the SHA-256 of its NDJSON in hexadecimal. */
export interface Chunk {
  readonly rows: number;
  readonly sha256: string;
}

/** Stores rows as gzipped NDJSON, so many to an object; rows are written as they come and then forgotten. */
export class NdjsonChunks<Row> {
  readonly chunks: Chunk[] = [];
  readonly #store: ObjectStore;
  readonly #rowsPerChunk: number;
  readonly #keyOf: (chunk: number) => string;
  #lines: string[] = [];
  #storing: Promise<unknown> = Promise.resolve();

  constructor(store: ObjectStore, rowsPerChunk: number, keyOf: (chunk: number) => string) {
    this.#store = store;
    this.#rowsPerChunk = rowsPerChunk;
    this.#keyOf = keyOf;
  }

  get rows(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.rows, this.#lines.length);
  }

  /** Resolves when the row is kept; at most one full chunk is being stored while the next one fills. */
  async add(row: Row): Promise<void> {
    if (this.#lines.push(JSON.stringify(row)) >= this.#rowsPerChunk) await this.#storeChunk();
  }

  /** Stores what is left, and resolves when everything is stored. */
  async finish(): Promise<void> {
    if (this.#lines.length > 0) await this.#storeChunk();
    await this.#storing;
  }

  /** Forgets every row: the next ones are stored where the first ones were. */
  async restart(): Promise<void> {
    this.#lines = [];
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
    const stored = this.#storing;
    const storing = Promise.all([stored, this.#put(number, ndjson)]);
    // Awaited by the next chunk or by finish; until then a failure is nobody's yet.
    storing.catch(() => undefined);
    this.#storing = storing;
    await stored;
  }
}

/** The rows of one object, as parsed JSON; undefined when it is missing or not what its hash, if given, says. */
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
