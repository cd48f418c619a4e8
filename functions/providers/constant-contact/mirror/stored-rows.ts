import { randomUUID } from "node:crypto";
import * as z from "zod";
import { NdjsonChunks, readChunk } from "../../../platform/storage/ndjson-chunks.ts";
import { mirrorChunkKey } from "../../../platform/storage/object-keys.ts";
import type { ObjectStore } from "../../../platform/storage/object-store.ts";

/** More rows than this are stored in parts. */
const fewRows = 10_000;
const partCount = 64;
/** All parts are written at the same time, so the unfinished chunks of all of them are held. */
const chunkLimits = { rows: 1000, size: 1_000_000 };

const chunkSchema = z.object({ rows: z.int(), sha256: z.string() });

/** Rows about contacts: all in one part or, if they are many, in parts by the contact, so that one fits into memory. */
export const storedRowsSchema = z.object({
  /** Names them; no two sets of rows ever have the same name. */
  name: z.string(),
  /** The chunks of each part. */
  parts: z.array(z.array(chunkSchema)),
});
export type StoredRows = z.infer<typeof storedRowsSchema>;

/** Where the mirror of one account is. */
export interface MirrorPlace {
  readonly store: ObjectStore;
  readonly account: string;
}

export function countRows({ parts }: StoredRows): number {
  return parts.flat().reduce((sum, { rows }) => sum + rows, 0);
}

/** The part of `parts` that a contact's rows are in: FNV-1a of its id. */
export function partOf(id: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % parts;
}

/** Stores rows as they come. Those of one contact keep their order. */
export class RowsWriter<Row extends { readonly id: string }> {
  readonly #place: MirrorPlace;
  readonly #name = randomUUID();
  #few: Row[] = [];
  #parts: NdjsonChunks<Row>[] = [];
  #count = 0;

  constructor(place: MirrorPlace) {
    this.#place = place;
  }

  get count(): number {
    return this.#count;
  }

  async add(row: Row): Promise<void> {
    this.#count++;
    if (this.#parts.length === 0) {
      this.#few.push(row);
      if (this.#few.length > fewRows) await this.#open(partCount);
    } else {
      await this.#parts[partOf(row.id, partCount)]!.add(row);
    }
  }

  async finish(): Promise<StoredRows> {
    if (this.#parts.length === 0) await this.#open(1);
    await Promise.all(this.#parts.map((part) => part.finish()));
    return { name: this.#name, parts: this.#parts.map(({ chunks }) => chunks) };
  }

  async #open(parts: number): Promise<void> {
    const { store, account } = this.#place;
    this.#parts = Array.from(
      { length: parts },
      (_, part) =>
        new NdjsonChunks(store, chunkLimits, (number) =>
          mirrorChunkKey(account, this.#name, { part, number }),
        ),
    );
    for (const row of this.#few) await this.#parts[partOf(row.id, parts)]!.add(row);
    this.#few = [];
  }
}

export async function storeRows<Row extends { readonly id: string }>(
  place: MirrorPlace,
  rows: readonly Row[],
): Promise<StoredRows> {
  const writer = new RowsWriter<Row>(place);
  for (const row of rows) await writer.add(row);
  return writer.finish();
}

/**
 * Reads one part.
 *
 * @param lost called for each chunk that is missing or damaged; its rows are left out
 */
export async function readPart<Row>(
  { store, account }: MirrorPlace,
  { name, parts }: StoredRows,
  { part, schema, lost }: { part: number; schema: z.ZodType<Row>; lost: (key: string) => void },
): Promise<Row[]> {
  const chunks = await Promise.all(
    parts[part]!.map(async ({ sha256 }, number) => {
      const key = mirrorChunkKey(account, name, { part, number });
      const rows = z.array(schema).safeParse(await readChunk(store, key, sha256));
      if (!rows.success) lost(key);
      return rows.data ?? [];
    }),
  );
  return chunks.flat();
}
