import { SourceBatch } from "../source-batch.ts";

const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;
const codeOf = (character: string) => character.charCodeAt(0);
const nullLetter = codeOf("N");
const escapes: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }).map(([letter, meant]) => [
    codeOf(letter),
    codeOf(meant),
  ]),
);

/**
 * Whole rows in the text format of PostgreSQL's COPY: a tab between two values, `\N` for NULL, a backslash before what
 * would else end a value. Such values are unescaped where they stand.
 */
export class CopyBatch extends SourceBatch {
  #rowNumber: number;
  #at = 0;

  /** @param bytes are changed */
  constructor(bytes: Buffer, { columns, rowsBefore }: { columns: number; rowsBefore: number }) {
    super(bytes, columns);
    this.#rowNumber = rowsBefore;
  }

  /** The number of the row at the cursor, from 1, over all batches. */
  get rowNumber(): number {
    return this.#rowNumber;
  }

  place(): string {
    return `row ${this.#rowNumber}`;
  }

  next(): boolean {
    const { bytes } = this;
    if (this.#at === bytes.length) return false;
    let start = this.#at;
    let column = 0;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === backslash) at = this.#unescape(column++, start, at);
      else if (byte === tab || byte === lineFeed) this.bound(column++, start, at);
      else continue;
      start = at + 1;
      if (bytes[at] === lineFeed) break;
    }
    if (column !== this.starts.length) throw new TypeError(`COPY wrote a row of ${column} columns`);
    this.#at = start;
    this.#rowNumber++;
    return true;
  }

  /** @returns where the tab or line feed after the value is */
  #unescape(column: number, start: number, escapeAt: number): number {
    const { bytes } = this;
    if (bytes[escapeAt + 1] === nullLetter) {
      this.bound(column, -1, -1);
      return escapeAt + 2;
    }
    let to = escapeAt;
    let at = escapeAt;
    while (at < bytes.length && bytes[at] !== tab && bytes[at] !== lineFeed) {
      let byte = bytes[at++]!;
      if (byte === backslash) {
        const letter = bytes[at++]!;
        byte = escapes.get(letter) ?? letter;
      }
      bytes[to++] = byte;
    }
    this.bound(column, start, to);
    return at;
  }
}
