/** Thrown when the bytes are not a JSON array of flat objects, or hold what is left to JSON.parse. */
export const notPlain = new Error("not plain");

/** What a value is; `start` and `end` bound its bytes, a string's without the quotes. */
export const kinds = { absent: 0, text: 1, escaped: 2, number: 3, true: 4, false: 5, null: 6 } as const;

const [tab, lineFeed, carriageReturn, space, quote, comma, minus, dot] = [9, 10, 13, 32, 34, 44, 45, 46];
const [zero, nine, colon, bracket, backslash, endBracket, brace, endBrace] = [48, 57, 58, 91, 92, 93, 123, 125];

/** 1 for every byte that stands for itself in a string; those of UTF-8 beyond ASCII do. */
const ordinary = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= space && byte !== quote && byte !== backslash ? 1 : 0,
);
const literals = [
  { bytes: Buffer.from("true"), kind: kinds.true },
  { bytes: Buffer.from("false"), kind: kinds.false },
  { bytes: Buffer.from("null"), kind: kinds.null },
];
const escape = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/**
 * Walks a JSON array of flat objects without making one: for each row, the spans of the values that are asked
 * for. Takes what JSON.parse takes and nothing else, save that nested values and escaped names are refused.
 * The bytes must be valid UTF-8.
 */
export class FlatRows {
  /** By slot, of the row that was read last. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #slotOf: (name: string) => number;
  /** The names met so far, in the order in which they came: where the next one mostly is the next here. */
  readonly #names: { readonly bytes: Uint8Array; readonly slot: number }[] = [];
  #guess = 0;
  #slot = 0;
  #escaped = false;
  #at: number;
  #rows = 0;

  /** @param slotOf the slot, from 0 to `slots` - 1, that takes the values of a name; names may share one */
  constructor(bytes: Uint8Array, slots: number, slotOf: (name: string) => number) {
    this.kinds = new Uint8Array(slots);
    this.starts = new Int32Array(slots);
    this.ends = new Int32Array(slots);
    this.#bytes = bytes;
    this.#slotOf = slotOf;
    this.#at = this.#expect(bracket, this.#skipSpace(0));
  }

  /** Reads the next row, and is false when there is none. @throws notPlain */
  next(): boolean {
    this.kinds.fill(kinds.absent);
    this.#guess = 0;
    let at = this.#skipSpace(this.#at);
    if (this.#bytes[at] === endBracket) return this.#finish(at + 1);
    if (this.#rows++ > 0) at = this.#skipSpace(this.#expect(comma, at));
    at = this.#skipSpace(this.#expect(brace, at));
    if (this.#bytes[at] !== endBrace) at = this.#readFields(at);
    this.#at = this.#expect(endBrace, at);
    return true;
  }

  #finish(at: number): false {
    if (this.#skipSpace(at) !== this.#bytes.length) throw notPlain;
    return false;
  }

  #readFields(start: number): number {
    for (let at = start; ; at = this.#skipSpace(at + 1)) {
      at = this.#skipSpace(this.#readName(at));
      at = this.#skipSpace(this.#expect(colon, at));
      at = this.#skipSpace(this.#readValue(at));
      if (this.#bytes[at] !== comma) return at;
    }
  }

  /** Puts the name's slot into `#slot`. */
  #readName(at: number): number {
    const bytes = this.#bytes;
    const start = this.#expect(quote, at);
    const guess = this.#names[this.#guess];
    if (guess !== undefined && bytes[start + guess.bytes.length] === quote && this.#isAt(start, guess.bytes)) {
      this.#guess++;
      this.#slot = guess.slot;
      return start + guess.bytes.length + 1;
    }
    const end = this.#stringEnd(start);
    if (this.#escaped) throw notPlain;
    const name = bytes.subarray(start, end);
    const known = this.#names.findIndex(({ bytes }) => bytes.length === name.length && this.#isAt(start, bytes));
    if (known < 0) this.#names.push({ bytes: name, slot: this.#slotOf(Buffer.from(name).toString()) });
    this.#guess = known < 0 ? this.#names.length : known + 1;
    this.#slot = this.#names[this.#guess - 1]!.slot;
    return end + 1;
  }

  #readValue(at: number): number {
    const byte = this.#bytes[at]!;
    if (byte === quote) {
      const end = this.#stringEnd(at + 1);
      this.#keep(this.#escaped ? kinds.escaped : kinds.text, at + 1, end);
      return end + 1;
    }
    if (byte === minus || isDigit(byte)) {
      const end = this.#numberEnd(at);
      this.#keep(kinds.number, at, end);
      return end;
    }
    const literal = literals.find(({ bytes }) => this.#isAt(at, bytes));
    if (literal === undefined) throw notPlain;
    const end = at + literal.bytes.length;
    this.#keep(literal.kind, at, end);
    return end;
  }

  #keep(kind: number, start: number, end: number): void {
    this.kinds[this.#slot] = kind;
    this.starts[this.#slot] = start;
    this.ends[this.#slot] = end;
  }

  /** Where the string's closing quote is; `#escaped` tells whether it holds a backslash. */
  #stringEnd(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    this.#escaped = false;
    for (;;) {
      while (ordinary[bytes[at]!] === 1) at++;
      if (bytes[at] === quote) return at;
      const sequence = escape.exec(Buffer.from(bytes.subarray(at, at + 6)).toString("latin1"));
      if (sequence === null) throw notPlain;
      this.#escaped = true;
      at += sequence[0].length;
    }
  }

  #numberEnd(start: number): number {
    return 0;
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
    for (; ; at++) {
      const byte = bytes[at]!;
      if (byte !== space && byte !== lineFeed && byte !== carriageReturn && byte !== tab) return at;
    }
  }
}
