import { growBytes } from "./grow-bytes.ts";
import { type CauseCode, layout, type RecordBlock, type StatusCode } from "./packed-record.ts";

export interface RecordHead {
  readonly status: StatusCode;
  readonly cause: CauseCode;
  /** In ms since the epoch; NaN if unknown. */
  readonly time: number;
}

const encoder = new TextEncoder();

/** Writes records into a buffer that grows; `finish` returns them as a block and starts the next one. */
export class RecordWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #position = 0;
  #count = 0;

  constructor(capacity = 1 << 16) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get count(): number {
    return this.#count;
  }

  /** Begins a record; its texts must follow: the key, the spelling and a field for each column. */
  begin(head: RecordHead): void {
    this.#reserve(layout.key);
    const at = this.#position;
    this.#view.setUint32(at + layout.desiredRecord, 0, true);
    this.#bytes[at + layout.status] = head.status;
    this.#bytes[at + layout.cause] = head.cause;
    this.#bytes[at + layout.flags] = 0;
    this.#bytes[at + layout.match] = 0;
    this.#view.setFloat64(at + layout.time, head.time, true);
    this.#position = at + layout.key;
    this.#count++;
  }

  text(value: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit, and the length in front at most five.
    this.#reserve(value.length * 3 + 5);
    if (!this.#writeShortAscii(value)) this.#writeUtf8(value);
  }

  /** Three times as fast, and enough for most texts. */
  #writeShortAscii(value: string): boolean {
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

  #writeUtf8(value: string): void {
    const start = this.#position + 1;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start));
    const extra = lengthBytes(written) - 1;
    if (extra > 0) this.#bytes.copyWithin(start + extra, start, start + written);
    this.#writeLength(written);
    this.#position += written;
  }

  /** Writes a text of which the UTF-8 bytes are those of `source` from `start` to `end`. */
  slice(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.#reserve(size + 5);
    this.#writeLength(size);
    const bytes = this.#bytes;
    let to = this.#position;
    for (let from = start; from < end; from++) bytes[to++] = source[from]!;
    this.#position = to;
  }

  /** The records written since the last call, in a buffer of their own, which can be transferred to a thread. */
  finish(): RecordBlock {
    const block = {
      bytes: this.#bytes.slice(0, this.#position),
      count: this.#count,
    };
    this.#position = 0;
    this.#count = 0;
    return block;
  }

  #writeLength(size: number): void {
    let rest = size;
    while (rest > 0x7f) {
      this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#position++] = rest;
  }

  #reserve(size: number): void {
    if (this.#position + size <= this.#bytes.length) return;
    this.#bytes = growBytes(this.#bytes, this.#position + size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

function lengthBytes(size: number): number {
  let bytes = 1;
  for (let rest = size >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}
