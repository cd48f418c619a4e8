import type { Branded } from "../branded.ts";
import {
  type CauseCode,
  causeAt,
  type Flag,
  layout,
  recordEnd,
  type StatusCode,
  statusAt,
} from "../records/packed-record.ts";
import type { TextCursor } from "../records/text-cursor.ts";
import { ByteArena } from "./byte-arena.ts";

/** Where a record stands in a {@link RecordArena}, which alone creates positions. Never 0. */
export type Position = Branded<number, "Position">;

/** How the two sides of an entry compare, and so where the source's row of it is. */
export const matches = {
  /** The source has no row of the address (yet). */
  onlyCurrent: 0,
  /** Subscribed on both sides, with the same fields: one record is both. Its time is when the reader consented. */
  sameSubscribed: 1,
  /** Unsubscribed on both sides, and the source's row has no time: only its cause is kept, see `desiredCauseOf`. */
  sameUnsubscribed: 2,
  /** The source's row is a record of its own, at `desiredRecordOf`. */
  separate: 3,
  /** The provider does not have the address: the record is the source's row. */
  onlyDesired: 4,
  /** No entry: the record is the source's row of one, or was. */
  notAnEntry: 5,
} as const;
type Match = (typeof matches)[keyof typeof matches];

/** Packed records, found by their positions. */
export class RecordArena {
  readonly #arena = new ByteArena();

  /** Copies a record. It takes no slice, as objects of many shapes would make it slow. */
  append(bytes: Uint8Array, start: number, end: number): Position {
    return this.#arena.append(bytes, start, end) as Position;
  }

  /** The bytes that hold a record; it starts at {@link offsetOf}. */
  bytesOf(position: Position): Uint8Array {
    return this.#arena.chunkOf(position);
  }

  offsetOf(position: Position): number {
    return this.#arena.offsetOf(position);
  }

  open(cursor: TextCursor, position: Position): TextCursor {
    return cursor.open(this.bytesOf(position), this.offsetOf(position));
  }

  statusOf(position: Position): StatusCode {
    return statusAt(this.bytesOf(position), this.offsetOf(position));
  }

  setStatus(position: Position, status: StatusCode): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.status] = status;
  }

  causeOf(position: Position): CauseCode {
    return causeAt(this.bytesOf(position), this.offsetOf(position));
  }

  setCause(position: Position, cause: CauseCode): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.cause] = cause;
  }

  /** In ms since the epoch; NaN if unknown. */
  timeOf(position: Position): number {
    return this.#arena.viewOf(position).getFloat64(this.offsetOf(position) + layout.time, true);
  }

  setTime(position: Position, time: number): void {
    this.#arena.viewOf(position).setFloat64(this.offsetOf(position) + layout.time, time, true);
  }

  hasFlag(position: Position, flag: Flag): boolean {
    return (this.bytesOf(position)[this.offsetOf(position) + layout.flags]! & flag) !== 0;
  }

  setFlag(position: Position, flag: Flag): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.flags]! |= flag;
  }

  clearFlag(position: Position, flag: Flag): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.flags]! &= ~flag;
  }

  matchOf(position: Position): Match {
    return this.bytesOf(position)[this.offsetOf(position) + layout.match] as Match;
  }

  markOnlyCurrent(entry: Position): void {
    this.#mark(entry, matches.onlyCurrent);
  }

  /** @param subscribedAt in ms since the epoch; NaN if unknown */
  markSameSubscribed(entry: Position, subscribedAt: number): void {
    this.#mark(entry, matches.sameSubscribed);
    const seconds = Number.isNaN(subscribedAt) ? 0 : Math.max(0, roundedDown(subscribedAt) / 1000);
    this.#arena.viewOf(entry).setUint32(this.offsetOf(entry) + layout.subscribedAt, seconds, true);
  }

  markSameUnsubscribed(entry: Position, desiredCause: CauseCode): void {
    this.#mark(entry, matches.sameUnsubscribed);
    this.bytesOf(entry)[this.offsetOf(entry) + layout.desiredCause] = desiredCause;
  }

  markSeparate(entry: Position, desiredRecord: Position): void {
    this.#mark(entry, matches.separate);
    this.#arena.viewOf(entry).setUint32(this.offsetOf(entry) + layout.desiredRecord, desiredRecord, true);
  }

  markOnlyDesired(entry: Position): void {
    this.#mark(entry, matches.onlyDesired);
  }

  markNotAnEntry(position: Position): void {
    this.#mark(position, matches.notAnEntry);
  }

  #mark(position: Position, match: Match): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.match] = match;
  }

  /** The cause that the source's row gives. Only of an entry that is `sameUnsubscribed`. */
  desiredCauseOf(entry: Position): CauseCode {
    return this.bytesOf(entry)[this.offsetOf(entry) + layout.desiredCause] as CauseCode;
  }

  /** When it subscribed at the provider, rounded down to the second; NaN if unknown. Only of an entry that is `sameSubscribed`. */
  subscribedAtOf(entry: Position): number {
    const seconds = this.#arena.viewOf(entry).getUint32(this.offsetOf(entry) + layout.subscribedAt, true);
    return seconds === 0 ? Number.NaN : seconds * 1000;
  }

  /** The record that is the source's row. Only of an entry that is `separate`. */
  desiredRecordOf(entry: Position): Position {
    return this.#arena.viewOf(entry).getUint32(this.offsetOf(entry) + layout.desiredRecord, true) as Position;
  }

  /** Visits every record in the order in which they came; `textCount` is how many texts each has. */
  forEach(textCount: number, visit: (position: Position) => void): void {
    for (const { bytes, start, end, position } of this.#arena.chunks()) {
      for (let offset = start; offset < end; offset = recordEnd(bytes, offset, textCount))
        visit((position + offset) as Position);
    }
  }
}

/** To the second: a subscription is never taken for later than it was, or it would outweigh an opt-out that followed at once. */
export function roundedDown(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
