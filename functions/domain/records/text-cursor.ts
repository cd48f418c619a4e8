import { layout } from "./packed-record.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Walks the texts of a record without making objects: after `read`, `start` and `end` bound the text. */
export class TextCursor {
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  end = 0;

  /** Puts the cursor before the first text of the record at `position`. */
  open(bytes: Uint8Array, position: number): this {
    this.bytes = bytes;
    this.end = position + layout.key;
    return this;
  }

  /** Makes a text of its own the one that the cursor bounds. */
  set(text: string): this {
    this.bytes = encoder.encode(text);
    this.start = 0;
    this.end = this.bytes.length;
    return this;
  }

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

  skip(texts: number): this {
    for (let left = texts; left > 0; left--) this.read();
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

  /** Below, at or above zero: the order of the bytes. */
  compare(other: TextCursor): number {
    return Buffer.compare(
      this.bytes.subarray(this.start, this.end),
      other.bytes.subarray(other.start, other.end),
    );
  }

  /** FNV-1a with murmur3's finish: 32 well-mixed bits. */
  hash(): number {
    let hash = 0x811c9dc5;
    for (let at = this.start; at < this.end; at++) hash = Math.imul(hash ^ this.bytes[at]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
