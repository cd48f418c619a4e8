const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const byteOrderMark = Buffer.from("\ufeff");

const atValueStart = 0;
const inValue = 1;
const inQuotes = 2;
/** After a quote within quotes: it closes them, or is the first of two that stand for one. */
const afterQuote = 3;

/** No time is longer. */
const maxWatchedBytes = 64;

/** How a CSV ends: with a record's line break; with a record that has none, or no record at all; with open quotes. */
export type CsvEnding = "lineBreak" | "record" | "quotes";

/** Called as each record ends. */
export interface RecordListener {
  /** @returns the position of the column whose values `onRow` gets; -1 for none */
  onHeader(): number;
  /**
   * @param line on which the row starts, counted from 1
   * @param columns how many values it has
   * @param value of the watched column; empty if the row ends before it, or if it is longer than any time
   */
  onRow(line: number, columns: number, value: string): void;
}

/**
 * Counts the records of a CSV as its bytes stream past, as csv-parse would: quotes open only at the start of a value
 * and are characters elsewhere; a line break within quotes does not end a record; an empty line is not a record.
 */
export class CsvScanner {
  /** Includes the header. */
  records = 0;
  /**
   * Whether a reader without quoted line breaks, to which a backslash is an escape, finds the same records: each on one
   * line, no line empty, every quote where it belongs, and no backslash.
   */
  isPlain = true;
  /** The line on which the current record starts. */
  recordLine = 1;
  readonly #listener: RecordListener | undefined;
  /** The first bytes, until there are enough to tell whether they are a byte order mark. */
  #start: Buffer | undefined = Buffer.alloc(0);
  #state = atValueStart;
  #hasContent = false;
  /** Whether the last byte was a carriage return outside quotes, whose meaning depends on the next byte. */
  #afterCarriageReturn = false;
  #line = 1;
  #column = 0;
  #watchedColumn = -1;
  /** Overwritten by each row's value. */
  readonly #watched = Buffer.alloc(maxWatchedBytes);
  #watchedBytes = 0;
  /** The last row's value, which is also the next one's if no byte differs: many rows have the time of the one before. */
  #watchedText = "";
  #isWatchedSame = true;

  constructor(listener?: RecordListener) {
    this.#listener = listener;
  }

  scan(chunk: Buffer): void {
    const known = this.#start === undefined ? chunk : this.#withoutMark(this.#start, chunk);
    this.#scanBytes(known);
  }

  /** Must be called after the last chunk. */
  end(): CsvEnding {
    if (this.#start !== undefined) this.#scanBytes(this.#start);
    if (this.#afterCarriageReturn) this.isPlain = false;
    const isWithin = this.#hasContent || this.#afterCarriageReturn;
    if (this.#state === inQuotes) {
      this.records++;
      return "quotes";
    }
    if (isWithin) this.#endRecord();
    return isWithin || this.records === 0 ? "record" : "lineBreak";
  }

  #withoutMark(start: Buffer, chunk: Buffer): Buffer {
    const bytes = Buffer.concat([start, chunk]);
    const isKnown = bytes.length >= byteOrderMark.length;
    this.#start = isKnown ? undefined : bytes;
    if (!isKnown) return Buffer.alloc(0);
    return byteOrderMark.equals(bytes.subarray(0, byteOrderMark.length))
      ? bytes.subarray(byteOrderMark.length)
      : bytes;
  }

  #scanBytes(chunk: Buffer): void {
    if (chunk.includes(backslash)) this.isPlain = false;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#state === inQuotes) this.#scanInQuotes(byte);
      else if (byte === lineFeed) this.#endLine();
      else this.#scanOutsideQuotes(byte);
    }
  }

  #scanInQuotes(byte: number): void {
    if (byte === quote) {
      this.#state = afterQuote;
      return;
    }
    if (byte === lineFeed) this.#line++;
    if (byte === lineFeed || byte === carriageReturn) this.isPlain = false;
    this.#watch(byte);
  }

  #scanOutsideQuotes(byte: number): void {
    if (this.#afterCarriageReturn) this.#takeAsCharacter();
    this.#afterCarriageReturn = byte === carriageReturn;
    if (this.#afterCarriageReturn) return;
    this.#hasContent = true;
    if (byte === comma) {
      this.#state = atValueStart;
      this.#column++;
    } else if (byte === quote && this.#state !== inValue) {
      // The second of two quotes stands for one.
      if (this.#state === afterQuote) this.#watch(byte);
      this.#state = inQuotes;
    } else {
      if (byte === quote || this.#state === afterQuote) this.isPlain = false;
      this.#state = inValue;
      this.#watch(byte);
    }
  }

  /** Treats a carriage return without a line feed as part of the value. */
  #takeAsCharacter(): void {
    this.isPlain = false;
    this.#hasContent = true;
    this.#state = inValue;
    this.#watch(carriageReturn);
  }

  #watch(byte: number): void {
    if (this.#column !== this.#watchedColumn) return;
    if (this.#watched[this.#watchedBytes] !== byte) {
      this.#watched[this.#watchedBytes] = byte;
      this.#isWatchedSame = false;
    }
    this.#watchedBytes++;
  }

  #endLine(): void {
    this.#afterCarriageReturn = false;
    this.#line++;
    if (this.#hasContent) this.#endRecord();
    else this.isPlain = false;
    this.recordLine = this.#line;
  }

  #endRecord(): void {
    const columns = this.#column + 1;
    if (this.records++ === 0) this.#watchedColumn = this.#listener?.onHeader() ?? -1;
    else this.#listener?.onRow(this.recordLine, columns, this.#readWatched());
    this.#state = atValueStart;
    this.#hasContent = false;
    this.#column = 0;
    this.#watchedBytes = 0;
  }

  #readWatched(): string {
    const length = this.#watchedBytes;
    if (!this.#isWatchedSame || length !== this.#watchedText.length) {
      this.#watchedText = length > maxWatchedBytes ? "" : this.#watched.toString("latin1", 0, length);
    }
    this.#isWatchedSame = true;
    return this.#watchedText;
  }
}
