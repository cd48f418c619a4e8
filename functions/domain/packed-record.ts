/**
 * One address as consecutive bytes: the form in which both sides travel from where they are parsed to the
 * index that compares them, and in which the index keeps them. No JavaScript object per row.
 *
 * ```
 * 0  u32  link    the index's own: position of a related record
 * 4  u8   status  0 absent, 1 subscribed, 2 unsubscribed
 * 5  u8   cause   0 none, else 1 + its place in unsubscribeCauses
 * 6  u8   flags   see `flags`
 * 7  u8   match   the index's own: what the source says of it
 * 8  f64  time    unsubscribed at / consented at, in ms since the epoch; NaN is not known
 * 16 text key       the canonical address
 *    text spelling  the address as its side spells it; empty when that is the key
 *    text field     one for each column, in the columns' order; empty is no value
 * ```
 * A text is its length in bytes (LEB128: seven bits a byte) and then its UTF-8 bytes.
 */
export const layout = {
  link: 0,
  status: 4,
  cause: 5,
  flags: 6,
  match: 7,
  time: 8,
  key: 16,
} as const;

export const flags = {
  /** Provider's side: it subscribed after the source was read. */
  recent: 1,
  /** The index's own, of an entry that is the same on both sides: the source names its guid, too. */
  guidNamed: 2,
  /** The index's own, of the source's side: another address has its guid, so it goes without. */
  guidWithheld: 4,
} as const;

export const statusCodes = {
  absent: 0,
  subscribed: 1,
  unsubscribed: 2,
} as const;

/** Records one after the other in `bytes`, as one page or one batch of rows becomes. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly count: number;
}

export interface RecordHead {
  readonly status: number;
  readonly cause: number;
  readonly recent: boolean;
  /** ms since the epoch, or NaN. */
  readonly time: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes records into a buffer that grows; `finish` hands the block over and starts the next. */
export class RecordWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #position = 0;
  #count = 0;

  constructor(capacity = 1 << 20) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get count(): number {
    return this.#count;
  }

  /** Begins a record; key, spelling and each column's field must follow, as texts. */
  begin(head: RecordHead): void {
    this.#reserve(layout.key);
    const at = this.#position;
    this.#view.setUint32(at + layout.link, 0, true);
    this.#bytes[at + layout.status] = head.status;
    this.#bytes[at + layout.cause] = head.cause;
    this.#bytes[at + layout.flags] = head.recent ? flags.recent : 0;
    this.#bytes[at + layout.match] = 0;
    this.#view.setFloat64(at + layout.time, head.time, true);
    this.#position = at + layout.key;
    this.#count++;
  }

  text(value: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit; the length's own bytes come before.
    this.#reserve(value.length * 3 + 5);
    if (!this.#ascii(value)) this.#utf8(value);
  }

  /** The short way, three times as fast, for what most texts are. */
  #ascii(value: string): boolean {
    const size = value.length;
    if (size > 0x7f) return false;
    const bytes = this.#bytes;
    const start = this.#position + 1;
    for (let at = 0; at < size; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[start + at] = unit;
    }
    bytes[this.#position] = size;
    this.#position = start + size;
    return true;
  }

  #utf8(value: string): void {
    const start = this.#position + 1;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start));
    const extra = lengthBytes(written) - 1;
    if (extra > 0) this.#bytes.copyWithin(start + extra, start, start + written);
    this.#length(written);
    this.#position += written;
  }

  /** A text whose UTF-8 bytes stand in `source` from `start` to `end`. */
  slice(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.#reserve(size + 5);
    this.#length(size);
    const bytes = this.#bytes;
    let to = this.#position;
    for (let from = start; from < end; from++) bytes[to++] = source[from]!;
    this.#position = to;
  }

  /** The records written since the last call, in a buffer of their own that may be handed to another thread. */
  finish(): RecordBlock {
    const block = {
      bytes: this.#bytes.slice(0, this.#position),
      count: this.#count,
    };
    this.#position = 0;
    this.#count = 0;
    return block;
  }

  #length(size: number): void {
    let rest = size;
    while (rest > 0x7f) {
      this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#position++] = rest;
  }

  #reserve(size: number): void {
    if (this.#position + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#position + size));
    larger.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

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

  /** FNV-1a with murmur3's finish: 32 well-mixed bits. */
  hash(): number {
    let hash = 0x811c9dc5;
    for (let at = this.start; at < this.end; at++) hash = Math.imul(hash ^ this.bytes[at]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

/** Where a record of so many texts ends that starts at `start`. */
export function recordEnd(bytes: Uint8Array, start: number, texts: number): number {
  let at = start + layout.key;
  for (let left = texts; left > 0; left--) {
    let byte = bytes[at++]!;
    let size = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[at++]!;
      size |= (byte & 0x7f) << shift;
    }
    at += size;
  }
  return at;
}

function lengthBytes(size: number): number {
  let bytes = 1;
  for (let rest = size >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}
