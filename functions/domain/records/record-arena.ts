import { ByteArena } from "./byte-arena.ts";
import { layout, recordEnd } from "./packed-record.ts";
import type { TextCursor } from "./text-cursor.ts";

/** What the source says of an entry: the `match` byte of its record. */
export const matches = {
  /** Nothing (yet). */
  none: 0,
  /** Subscribed, with the fields that the provider shows; the record's time is the consent's. */
  same: 1,
  /** Unsubscribed on both sides, at a time that the source does not tell. */
  bothUnsubscribed: 2,
  /** What the record at `link` says. */
  linked: 3,
  /** The record is the source's own: the provider has nothing of this address. */
  own: 4,
  /** Not an entry, but the record that an entry is linked to. */
  link: 5,
} as const;

/** Packed records by their positions, and the bytes in their heads that are the index's own. */
export class RecordArena {
  readonly #arena = new ByteArena();

  /** Copies a record and tells where it stands now. */
  append(bytes: Uint8Array, start: number, end: number): number {
    return this.#arena.append(bytes, start, end);
  }

  /** The bytes in which a record stands, at {@link offsetOf}. */
  bytesOf(position: number): Uint8Array {
    return this.#arena.chunkOf(position);
  }

  offsetOf(position: number): number {
    return this.#arena.offsetOf(position);
  }

  open(cursor: TextCursor, position: number): TextCursor {
    return cursor.open(this.bytesOf(position), this.offsetOf(position));
  }

  /** Zero while the record is absent at the provider: one of `statusCodes`. */
  statusOf(position: number): number {
    return this.bytesOf(position)[this.offsetOf(position) + layout.status]!;
  }

  setStatus(position: number, status: number): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.status] = status;
  }

  /** A cause's code; 0 is none. */
  causeOf(position: number): number {
    return this.bytesOf(position)[this.offsetOf(position) + layout.cause]!;
  }

  /** What the source says of an entry: one of `matches`. */
  matchOf(position: number): number {
    return this.bytesOf(position)[this.offsetOf(position) + layout.match]!;
  }

  mark(position: number, match: number): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.match] = match;
  }

  hasFlag(position: number, flag: number): boolean {
    return (this.bytesOf(position)[this.offsetOf(position) + layout.flags]! & flag) !== 0;
  }

  raise(position: number, flag: number): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.flags]! |= flag;
  }

  lower(position: number, flag: number): void {
    this.bytesOf(position)[this.offsetOf(position) + layout.flags]! &= ~flag;
  }

  /** In ms since the epoch; NaN when it is not known. */
  timeOf(position: number): number {
    return this.#arena.viewOf(position).getFloat64(this.offsetOf(position) + layout.time, true);
  }

  setTime(position: number, time: number): void {
    this.#arena.viewOf(position).setFloat64(this.offsetOf(position) + layout.time, time, true);
  }

  /** The record that says what the source says of a linked entry. */
  linkOf(position: number): number {
    return this.#arena.viewOf(position).getUint32(this.offsetOf(position) + layout.link, true);
  }

  setLink(position: number, link: number): void {
    this.#arena.viewOf(position).setUint32(this.offsetOf(position) + layout.link, link, true);
  }

  /** Visits the position of every record of so many texts, in the order in which they came. */
  forEach(texts: number, visit: (position: number) => void): void {
    for (const { bytes, start, end, position } of this.#arena.chunks()) {
      for (let offset = start; offset < end; offset = recordEnd(bytes, offset, texts))
        visit(position + offset);
    }
  }
}
