import type { Branded } from "../branded.ts";
import { layout } from "./packed-record.ts";

/** A text's hash: 32 bits, unsigned. */
export type Hash = Branded<number, "Hash">;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Walks over the texts of a record without creating objects: the current text is `bytes` from `start` to `end`. */
export class TextCursor {
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  end = 0;

  /** Moves before the first text of the record that starts at `start`. */
  open(bytes: Uint8Array, start: number): this {
    this.bytes = bytes;
    this.end = start + layout.key;
    return this;
  }

  /** Makes a text of no record the current one. */
  set(text: string): this {
    this.bytes = encoder.encode(text);
    this.start = 0;
    this.end = this.bytes.length;
    return this;
  }

  /** Moves to the next text. */
  read(): this {
    let at = this.end;
    let byte = this.bytes[at++]!;
    let size = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = this.bytes[at++]!;
      size |= (byte & 0x7f) << shift;
    }
    this.start = at;
    this.end = at + size;
    return this;
  }

  /** Moves this many texts on: after `open`, to the text of this number, counted from 1. */
  forward(textCount: number): this {
    for (let left = textCount; left > 0; left--) this.read();
    return this;
  }

  get length(): number {
    return this.end - this.start;
  }

  toString(): string {
    return this.length === 0 ? "" : decoder.decode(this.bytes.subarray(this.start, this.end));
  }

  equals(other: TextCursor): boolean {
    const size = this.end - this.start;
    if (size !== other.end - other.start) return false;
    const mine = this.bytes;
    const theirs = other.bytes;
    for (let offset = 0; offset < size; offset++) {
      if (mine[this.start + offset] !== theirs[other.start + offset]) return false;
    }
    return true;
  }

  /** Negative, zero or positive, by the order of the bytes. */
  compare(other: TextCursor): number {
    return Buffer.compare(
      this.bytes.subarray(this.start, this.end),
      other.bytes.subarray(other.start, other.end),
    );
  }

  /** FNV-1a, finished with the mix of MurmurHash3. */
  hash(): Hash {
    let hash = 0x811c9dc5;
    for (let at = this.start; at < this.end; at++) hash = Math.imul(hash ^ this.bytes[at]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) as Hash;
  }
}
