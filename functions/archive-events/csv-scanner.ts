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

/** How a CSV ends: with a record's line break; with a record that has none, or no record at all; with open quotes. */
export type CsvEnding = "lineBreak" | "record" | "quotes";

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
  /** The first bytes, until there are enough to tell whether they are a byte order mark. */
  #start: Buffer | undefined = Buffer.alloc(0);
  #state = atValueStart;
  #hasContent = false;
  /** Whether the last byte was a carriage return outside quotes, whose meaning depends on the next byte. */
  #afterCarriageReturn = false;

  scan(chunk: Buffer): void {
    const known = this.#start === undefined ? chunk : this.#withoutMark(this.#start, chunk);
    if (known.includes(backslash)) this.isPlain = false;
    const isBetween = this.#state === atValueStart || this.#state === inValue;
    const isSimple = isBetween && !this.#afterCarriageReturn && !known.includes(quote);
    if (isSimple && !known.includes(carriageReturn)) this.#scanLines(known);
    else this.#scanBytes(known);
  }

  /** Must be called after the last chunk. */
  end(): CsvEnding {
    if (this.#start !== undefined) this.#scanBytes(this.#start);
    if (this.#afterCarriageReturn) this.isPlain = false;
    const isWithin = this.#hasContent || this.#afterCarriageReturn;
    if (isWithin) this.records++;
    if (this.#state === inQuotes) return "quotes";
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

  /** Without quotes and carriage returns, records are lines, which are found ten times as fast. */
  #scanLines(chunk: Buffer): void {
    let lineStart = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, lineStart)) {
      if (at > lineStart) this.#hasContent = true;
      this.#endLine();
      lineStart = at + 1;
    }
    if (lineStart === chunk.length) return;
    this.#hasContent = true;
    this.#state = chunk.at(-1) === comma ? atValueStart : inValue;
  }

  #scanBytes(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.#state === inQuotes) {
        if (byte === quote) this.#state = afterQuote;
        else if (byte === lineFeed || byte === carriageReturn) this.isPlain = false;
      } else if (byte === lineFeed) {
        this.#afterCarriageReturn = false;
        this.#endLine();
      } else this.#scanOutsideQuotes(byte);
    }
  }

  #scanOutsideQuotes(byte: number): void {
    if (this.#afterCarriageReturn) this.#takeAsCharacter();
    this.#afterCarriageReturn = byte === carriageReturn;
    if (this.#afterCarriageReturn) return;
    this.#hasContent = true;
    if (byte === comma) this.#state = atValueStart;
    else if (byte === quote && this.#state !== inValue) this.#state = inQuotes;
    else {
      if (byte === quote || this.#state === afterQuote) this.isPlain = false;
      this.#state = inValue;
    }
  }

  /** Treats a carriage return without a line feed as part of the value. */
  #takeAsCharacter(): void {
    this.isPlain = false;
    this.#hasContent = true;
    this.#state = inValue;
  }

  #endLine(): void {
    if (this.#hasContent) this.records++;
    else this.isPlain = false;
    this.#hasContent = false;
    this.#state = atValueStart;
  }
}
