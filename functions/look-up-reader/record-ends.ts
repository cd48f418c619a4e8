const lineFeed = 10;
const quote = 34;

type State = "atValueStart" | "inValue" | "inQuotes" | "afterQuote";

/** Finds where records of CSV end, as the archive counts them: quotes open at the start of a value alone. */
export class RecordEnds {
  readonly #delimiter: number;
  #state: State = "atValueStart";

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** As if there were no quotes: every line is a record. */
  static ofLines(bytes: Buffer): number[] {
    const ends: number[] = [];
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) ends.push(at + 1);
    return ends;
  }

  get isWithinQuotes(): boolean {
    return this.#state === "inQuotes";
  }

  /** The quotes were none. */
  leaveQuotes(): void {
    this.#state = "inValue";
  }

  /** The ends of the records in a chunk that goes on where the one before ended. */
  in(chunk: Buffer): number[] {
    if (this.#state !== "inQuotes" && !chunk.includes(quote)) {
      const last = chunk.at(-1) ?? this.#delimiter;
      this.#state = last === this.#delimiter || last === lineFeed ? "atValueStart" : "inValue";
      return RecordEnds.ofLines(chunk);
    }
    const ends: number[] = [];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === lineFeed && this.#state !== "inQuotes") ends.push(at + 1);
      this.#state = this.#next(byte);
    }
    return ends;
  }

  #next(byte: number): State {
    if (this.#state === "inQuotes") return byte === quote ? "afterQuote" : "inQuotes";
    if (byte === lineFeed || byte === this.#delimiter) return "atValueStart";
    return byte === quote && this.#state !== "inValue" ? "inQuotes" : "inValue";
  }
}
