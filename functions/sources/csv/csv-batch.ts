import { SourceError } from "../../domain/errors.ts";
import { SourceBatch } from "../source-batch.ts";
import type { CsvBlock } from "./split-csv.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** How many columns each row has. */
  readonly columns: number;
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const notClosed = "a quote is opened in this row and not closed";
const outOfPlace = "a quote is out of place in this row: quote the whole value and double the quotes in it";

/** Whole rows of a CSV file, by RFC 4180. Values in quotes are unquoted where they stand. */
export class CsvBatch extends SourceBatch {
  readonly #delimiter: number;
  #at = 0;
  /** The lines on which the row at the cursor begins, and the next one. */
  #line: number;
  #nextLine: number;
  #rows = 0;

  /** @param block its bytes are changed */
  constructor(block: CsvBlock, { delimiter, columns }: CsvDialect) {
    super(block.bytes, columns);
    this.#delimiter = delimiter.charCodeAt(0);
    this.#line = block.line;
    this.#nextLine = block.line;
  }

  /** How many rows the cursor has been at. */
  get rows(): number {
    return this.#rows;
  }

  place(): string {
    return `line ${this.#line}`;
  }

  /** @throws SourceError for a quote that is out of place or not closed, and a row of another width than the header's */
  next(): boolean {
    while (this.#at < this.bytes.length) {
      const columns = this.#scanRow();
      if (columns === 1 && this.sizeOf(0) === 0) continue;
      this.#rows++;
      if (columns === this.starts.length) return true;
      throw new SourceError(this.place(), `has ${columns} columns, but the header has ${this.starts.length}`);
    }
    return false;
  }

  /** Goes over rows that are not whole. @throws SourceError for a quote that is out of place or not closed */
  checkQuotes(): void {
    while (this.#at < this.bytes.length) this.#scanRow();
  }

  /** @returns how many columns the row has */
  #scanRow(): number {
    const { bytes } = this;
    this.#line = this.#nextLine;
    let column = 0;
    let end = this.#at - 1;
    do {
      const start = end + 1;
      end = bytes[start] === quote ? this.#quotedValue(column++, start) : this.#value(column++, start);
    } while (bytes[end] === this.#delimiter);
    this.#nextLine++;
    this.#at = end + 1;
    return column;
  }

  /** @returns where the value's delimiter or line feed is, as does the next */
  #value(column: number, start: number): number {
    const { bytes } = this;
    const delimiter = this.#delimiter;
    let at = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === delimiter || byte === lineFeed) break;
      if (byte === quote) throw new SourceError(this.place(), outOfPlace);
    }
    const endsLine = bytes[at] === lineFeed && at > start && bytes[at - 1] === carriageReturn;
    this.bound(column, start, endsLine ? at - 1 : at);
    return at;
  }

  #quotedValue(column: number, open: number): number {
    const { bytes } = this;
    let to = open + 1;
    let at = open + 1;
    for (; bytes[at] !== quote || bytes[at + 1] === quote; at++) {
      if (at >= bytes.length) throw new SourceError(this.place(), notClosed);
      if (bytes[at] === quote) at++;
      if (bytes[at] === lineFeed) this.#nextLine++;
      bytes[to++] = bytes[at]!;
    }
    this.bound(column, open + 1, to);
    at++;
    if (bytes[at] === carriageReturn && bytes[at + 1] === lineFeed) at++;
    if (at < bytes.length && bytes[at] !== this.#delimiter && bytes[at] !== lineFeed)
      throw new SourceError(this.place(), outOfPlace);
    return at;
  }
}
