import { stringify } from "csv-stringify/sync";
import { growBytes } from "../domain/records/grow-bytes.ts";

/** What to quote beyond RFC 4180: what a reader might take for a delimiter, or trim. */
const csvOptions = { quoted_match: /[;\t\r]|^\s|\s$/, eof: false };

const comma = 0x2c;
const lineBreak = 0x0a;
const space = 0x20;
const firstOfSeveral = 0xc0;
const ascii = 0x7f;

/** Bytes that have to be quoted wherever they stand. */
const special = new Uint8Array(256);
for (const character of '",;\t\n\r') special[character.charCodeAt(0)] = 1;

/** The first bytes of characters that may be white space: a value that begins or ends with one is left to the library. */
const mayBeginSpace = new Uint8Array(256);
mayBeginSpace.fill(1, 0, space + 1);
for (const character of "\u00a0\u1680\u2000\u3000\ufeff") {
  mayBeginSpace[new TextEncoder().encode(character)[0]!] = 1;
}

/** Writes rows of CSV. A value that needs no quotes is copied as it is; csv-stringify writes every other one. */
export class CsvEncoder {
  #bytes: Uint8Array = new Uint8Array(1 << 16);
  #length = 0;
  #isFirst = true;
  readonly #scratch = Buffer.alloc(1 << 10);

  /** How many bytes there are since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Writes a value of which the UTF-8 bytes are those of `source` from `start` to `end`. */
  slice(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 1);
    if (this.#isFirst) this.#isFirst = false;
    else this.#bytes[this.#length++] = comma;
    if (!this.#copyPlain(source, start, end)) this.#quote(source.subarray(start, end));
  }

  text(value: string): void {
    const fits = value.length * 3 <= this.#scratch.length;
    const bytes = fits ? this.#scratch : Buffer.from(value);
    this.slice(bytes, 0, fits ? bytes.write(value) : bytes.length);
  }

  /** Ends a row: the next value is the first of another one. */
  endRow(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = lineBreak;
    this.#isFirst = true;
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** @returns false if it may have to be quoted: then nothing is written */
  #copyPlain(source: Uint8Array, start: number, end: number): boolean {
    if (start === end) return true;
    if (mayBeginSpace[source[start]!] === 1 || mayBeginSpace[lastCharacter(source, end)] === 1) return false;
    const bytes = this.#bytes;
    let to = this.#length;
    for (let from = start; from < end; from++) {
      const byte = source[from]!;
      if (special[byte] === 1) return false;
      bytes[to++] = byte;
    }
    this.#length = to;
    return true;
  }

  #quote(value: Uint8Array): void {
    const quoted = Buffer.from(stringify([[Buffer.from(value).toString()]], csvOptions));
    this.#reserve(quoted.length);
    this.#bytes.set(quoted, this.#length);
    this.#length += quoted.length;
  }

  #reserve(size: number): void {
    if (this.#length + size > this.#bytes.length) this.#bytes = growBytes(this.#bytes, this.#length + size);
  }
}

/** The first byte of the last character. */
function lastCharacter(source: Uint8Array, end: number): number {
  let at = end - 1;
  while (source[at]! > ascii && source[at]! < firstOfSeveral) at--;
  return source[at]!;
}
