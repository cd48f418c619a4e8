import { crc32 } from "node:zlib";
import * as z from "zod";
import { groups } from "../../../domain/plan.ts";
import { returnKinds } from "../../../domain/return.ts";
import { starters } from "../../started-by.ts";

/** What a run may do with a row: a change by its group, what the database is told, or a row that is nobody's as it stands. */
const deeds = [...groups.filter((group) => group !== "return"), ...returnKinds, "setAside"] as const;
export type Deed = (typeof deeds)[number];

/** How far it came. The provider's refusals stand in the quarantine with its reasons. */
const stages = ["planned", "done", "refused"] as const;
export type Stage = (typeof stages)[number];

/** What is told of a run beside its rows: names and numbers, never an address. */
const headerSchema = z.object({
  run: z.string(),
  /** The name of the key that the hashes are made with. */
  key: z.string().optional(),
  at: z.iso.datetime(),
  job: z.string(),
  startedBy: z.enum(starters),
  approvedBy: z.string().optional(),
  /** The id of the stored plan that the run applies. */
  applies: z.string().optional(),
  /** Whether the run is over; else it was killed if no other block of it follows. */
  isOver: z.boolean(),
  /** The groups of the plan that the run was to deliver. */
  delivers: z.array(z.enum(groups)),
  /** Whether the database has taken what it was told. */
  hasTold: z.boolean(),
  /** The sentences that the records name by their number. */
  reasons: z.array(z.string()),
});
export type HistoryHeader = z.infer<typeof headerSchema>;

/** What happened to the reader of an address in a run. */
export interface HistoryRecord {
  readonly deed: Deed;
  readonly stage: Stage;
  readonly reason: string;
  /** When what it answers happened at the provider, to the minute, in ms since the epoch; undefined if unknown or nothing. */
  readonly at: number | undefined;
}

/** In 32-bit words: two of the address's hash; deed, stage and reason; the time. */
export const recordWords = 4;
const recordBytes = 4 * recordWords;
const minuteMs = 60_000;

/** Before a block: a mark, the bytes of the header, the number of records, and a checksum of both. */
const prefixBytes = 16;
const mark = 0x31_54_53_48;

export type RecordCode = readonly [what: number, minutes: number];

export function encodeRecord(
  deed: Deed,
  stage: Stage,
  { reason, at }: { reason: number; at?: number | undefined },
): RecordCode {
  const what = deeds.indexOf(deed) | (stages.indexOf(stage) << 8) | (Math.min(reason, 0xffff) << 16);
  return [what >>> 0, at === undefined || !(at > 0) ? 0 : Math.floor(at / minuteMs)];
}

function decodeRecord(what: number, minutes: number, reasons: readonly string[]): HistoryRecord | undefined {
  const deed = deeds[what & 255];
  const stage = stages[(what >>> 8) & 255];
  if (deed === undefined || stage === undefined) return undefined;
  const at = minutes === 0 ? undefined : minutes * minuteMs;
  return { deed, stage, reason: reasons[what >>> 16] ?? "", at };
}

/** @param records in words as {@link encodeRecord} makes them, each after the first two words of its hash */
export function encodeBlock(header: HistoryHeader, records: Uint32Array): Uint8Array {
  return encodeStored({ header, rows: Buffer.from(records.buffer, records.byteOffset, records.byteLength) });
}

/** A block as it is stored. */
export function encodeStored({ header, rows }: HistoryBlock): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(mark, 0);
  prefix.writeUInt32LE(json.length, 4);
  prefix.writeUInt32LE(rows.length / recordBytes, 8);
  prefix.writeUInt32LE(crc32(rows, crc32(json)), 12);
  return Buffer.concat([prefix, json, rows]);
}

/** One run's words, as they were stored. */
export interface HistoryBlock {
  readonly header: HistoryHeader;
  /** As in the object, for whoever writes it anew. */
  readonly rows: Buffer;
}

/** The blocks of an object, one after the other. What is damaged is passed over, and `damaged` called for it. */
export function* blocksIn(bytes: Uint8Array, damaged: () => void): Generator<HistoryBlock> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < all.length; ) {
    const length = lengthAt(all, at);
    const block = length === undefined ? undefined : decodeBlock(all.subarray(at, at + length));
    if (block !== undefined) yield block;
    else damaged();
    // A length that is damaged, too, leads nowhere: whatever can be read begins with the next mark.
    at = block === undefined ? nextMark(all, at + 1) : at + length!;
  }
}

function lengthAt(all: Buffer, at: number): number | undefined {
  if (all.length < at + prefixBytes || all.readUInt32LE(at) !== mark) return undefined;
  return prefixBytes + all.readUInt32LE(at + 4) + all.readUInt32LE(at + 8) * recordBytes;
}

function nextMark(all: Buffer, from: number): number {
  const found = all.indexOf(Buffer.from(Uint32Array.of(mark).buffer), from);
  return found < 0 ? all.length : found;
}

function decodeBlock(block: Buffer): HistoryBlock | undefined {
  const start = prefixBytes + block.readUInt32LE(4);
  const json = block.subarray(prefixBytes, start);
  const rows = block.subarray(start);
  if (rows.length !== block.readUInt32LE(8) * recordBytes) return undefined;
  if (crc32(rows, crc32(json)) !== block.readUInt32LE(12)) return undefined;
  const header = headerSchema.safeParse(JSON.parse(json.toString()));
  return header.success ? { header: header.data, rows } : undefined;
}

/** Whether addresses are found in the block with the key of that name. */
export function isOfKey(keyName: string, { header: { key = keyName } }: HistoryBlock): boolean {
  return key === keyName;
}

/** @param key the hash of the address that is looked for */
export function* recordsOf(key: string, { header, rows }: HistoryBlock): Generator<HistoryRecord> {
  for (const at of placesOf(key, rows)) {
    const record = decodeRecord(rows.readUInt32LE(at + 8), rows.readUInt32LE(at + 12), header.reasons);
    if (record !== undefined) yield record;
  }
}

/** The block without the records of an address; undefined if it has none. */
export function withoutReader(key: string, { header, rows }: HistoryBlock): Uint8Array | undefined {
  const places = new Set(placesOf(key, rows));
  if (places.size === 0) return undefined;
  const kept = Array.from({ length: rows.length / recordBytes }, (_, n) => n * recordBytes)
    .filter((at) => !places.has(at))
    .map((at) => rows.subarray(at, at + recordBytes));
  return encodeStored({ header, rows: Buffer.concat(kept) });
}

function* placesOf(key: string, rows: Buffer): Generator<number> {
  const sought = Buffer.from(key.slice(0, 8), "latin1");
  for (let at = rows.indexOf(sought); at >= 0; at = rows.indexOf(sought, at + 1)) {
    if (at % recordBytes === 0) yield at;
  }
}
