import { ascii } from "./ascii.ts";

/** Thrown when the bytes are not a JSON array of flat objects, or hold something that only JSON.parse handles. */
export const notPlain = new Error("not plain");

/** What a value is. `literal` is true or false; null counts as absent. */
export const kinds = { absent: 0, text: 1, escapedText: 2, number: 3, literal: 4 } as const;

/** 1 for the bytes that stand for themselves in a string; those beyond ASCII do. */
const ordinary = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= ascii.space && byte !== ascii.quote && byte !== ascii.backslash ? 1 : 0,
);
const escapeSequence = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const literals = [
  { bytes: Buffer.from("true"), kind: kinds.literal },
  { bytes: Buffer.from("false"), kind: kinds.literal },
  { bytes: Buffer.from("null"), kind: kinds.absent },
];

/**
 * Walks a JSON array of flat objects without creating them, and finds where the wanted values of each row are.
 * Accepts exactly what JSON.parse accepts, except nested values and names with escapes. The bytes must be valid
 * UTF-8.
 */
export class FlatRows {
  /** By slot, for the current row: the value's kind and the bounds of its bytes, without a text's quotes. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #bytes: Buffer;
  readonly #slotOf: (name: string) => number;
  /** The names seen so far. Rows tend to have them in the same order, so the next name is usually the next of these. */
  readonly #names: { readonly bytes: Uint8Array; readonly slot: number }[] = [];
  #nextName = 0;
  #slot = 0;
  #at: number;
  readonly #end: number;
  #rows = 0;

  /** @param slotOf which of the `slots` keeps the values of a name; asked once for each name */
  constructor(bytes: Buffer, slots: number, slotOf: (name: string) => number) {
    this.kinds = new Uint8Array(slots);
    this.starts = new Int32Array(slots);
    this.ends = new Int32Array(slots);
    this.#bytes = bytes;
    this.#slotOf = slotOf;
    this.#end = bytes.findLastIndex((byte) => !isSpace(byte));
    // A page that was cut short is found here: reading past the end would make V8 compile slower code for good.
    this.#expect(ascii.closeBracket, this.#end);
    this.#at = this.#skipSpace(this.#expect(ascii.openBracket, this.#skipSpace(0)));
  }

  /** Reads the next row; false when there is none. @throws notPlain */
  next(): boolean {
    this.kinds.fill(kinds.absent);
    if (this.#bytes[this.#at] === ascii.closeBracket) return this.#endOfPage();
    const row = this.#rows++ === 0 ? this.#at : this.#skipSpace(this.#expect(ascii.comma, this.#at));
    let at = this.#skipSpace(this.#expect(ascii.openBrace, row));
    if (this.#bytes[at] !== ascii.closeBrace) at = this.#readFields(at);
    this.#at = this.#skipSpace(this.#expect(ascii.closeBrace, at));
    return true;
  }

  /** The value of a slot as text: a number or a literal as written, empty if absent. */
  textOf(slot: number): string {
    const kind = this.kinds[slot];
    if (kind === kinds.absent) return "";
    const text = this.#bytes.toString("utf8", this.starts[slot], this.ends[slot]);
    return kind === kinds.escapedText ? JSON.parse(`"${text}"`) : text;
  }

  #endOfPage(): false {
    if (this.#at !== this.#end) throw notPlain;
    return false;
  }

  #readFields(start: number): number {
    for (let at = start; ; at = this.#skipSpace(at + 1)) {
      at = this.#skipSpace(this.#readName(at));
      at = this.#skipSpace(this.#expect(ascii.colon, at));
      at = this.#skipSpace(this.#readValue(at));
      if (this.#bytes[at] !== ascii.comma) return at;
    }
  }

  /** Leaves the slot of the name in `#slot`. */
  #readName(at: number): number {
    const start = this.#expect(ascii.quote, at);
    for (let tried = this.#names.length; tried > 0; tried--) {
      if (this.#nextName === this.#names.length) this.#nextName = 0;
      const { bytes, slot } = this.#names[this.#nextName++]!;
      if (this.#isAt(start, bytes)) {
        this.#slot = slot;
        return start + bytes.length;
      }
    }
    const end = this.#expect(ascii.quote, this.#plainTextEnd(start));
    this.#slot = this.#slotOf(this.#bytes.toString("utf8", start, end - 1));
    // With its closing quote, so that a longer name does not match it.
    this.#names.push({ bytes: this.#bytes.subarray(start, end), slot: this.#slot });
    return end;
  }

  #readValue(at: number): number {
    const byte = this.#bytes[at]!;
    if (byte === ascii.quote) return this.#readText(at + 1);
    if (byte === ascii.minus || isDigit(byte)) return this.#keep(kinds.number, at, this.#numberEnd(at));
    for (const { bytes, kind } of literals) {
      if (this.#isAt(at, bytes)) return this.#keep(kind, at, at + bytes.length);
    }
    throw notPlain;
  }

  #readText(start: number): number {
    let kind: number = kinds.text;
    let end = this.#plainTextEnd(start);
    for (; this.#bytes[end] === ascii.backslash; end = this.#plainTextEnd(end)) {
      const sequence = escapeSequence.exec(this.#bytes.toString("latin1", end, end + 6));
      if (sequence === null) throw notPlain;
      kind = kinds.escapedText;
      end += sequence[0].length;
    }
    return this.#keep(kind, start, this.#expect(ascii.quote, end) - 1) + 1;
  }

  #keep(kind: number, start: number, end: number): number {
    const slot = this.#slot;
    this.kinds[slot] = kind;
    this.starts[slot] = start;
    this.ends[slot] = end;
    return end;
  }

  #plainTextEnd(start: number): number {
    const bytes = this.#bytes;
    const size = bytes.length;
    let at = start;
    while (at < size && ordinary[bytes[at]!] === 1) at++;
    return at;
  }

  #numberEnd(start: number): number {
    const bytes = this.#bytes;
    let at = bytes[start] === ascii.minus ? start + 1 : start;
    at = bytes[at] === ascii.zero ? at + 1 : this.#digitsEnd(at);
    if (bytes[at] === ascii.dot) at = this.#digitsEnd(at + 1);
    if (bytes[at] !== ascii.smallE && bytes[at] !== ascii.largeE) return at;
    const isSigned = bytes[at + 1] === ascii.minus || bytes[at + 1] === ascii.plus;
    return this.#digitsEnd(isSigned ? at + 2 : at + 1);
  }

  #digitsEnd(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at]!)) at++;
    if (at === start) throw notPlain;
    return at;
  }

  #isAt(start: number, expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < expected.length; index++) {
      if (bytes[start + index] !== expected[index]) return false;
    }
    return true;
  }

  #expect(byte: number, at: number): number {
    if (this.#bytes[at] !== byte) throw notPlain;
    return at + 1;
  }

  #skipSpace(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (isSpace(bytes[at]!)) at++;
    return at;
  }
}

function isSpace(byte: number): boolean {
  return (
    byte <= ascii.space &&
    (byte === ascii.space || byte === ascii.lineFeed || byte === ascii.carriageReturn || byte === ascii.tab)
  );
}

function isDigit(byte: number): boolean {
  return byte >= ascii.zero && byte <= ascii.nine;
}
