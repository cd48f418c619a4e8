import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { ReaderMatcher } from "./reader-matcher.ts";

const lineFeed = 10;
const quote = 34;
const comma = 44;

type State = "atValueStart" | "inValue" | "inQuotes" | "afterQuote";

/** Finds where records of CSV end, as the archive counts them: quotes open at the start of a value alone. */
class RecordEnds {
  #state: State = "atValueStart";

  get isWithinQuotes(): boolean {
    return this.#state === "inQuotes";
  }

  /** The ends of the records in a chunk that goes on where the one before ended. */
  in(chunk: Buffer): number[] {
    if (this.#state !== "inQuotes" && !chunk.includes(quote)) {
      this.#state = [comma, lineFeed].includes(chunk.at(-1) ?? comma) ? "atValueStart" : "inValue";
      return lineEnds(chunk);
    }
    const ends: number[] = [];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === lineFeed && this.#state !== "inQuotes") ends.push(at + 1);
      this.#state = next(this.#state, byte);
    }
    return ends;
  }
}

function next(state: State, byte: number): State {
  if (state === "inQuotes") return byte === quote ? "afterQuote" : "inQuotes";
  if (byte === lineFeed || byte === comma) return "atValueStart";
  return byte === quote && state !== "inValue" ? "inQuotes" : "inValue";
}

function lineEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) ends.push(at + 1);
  return ends;
}

/** The bytes of a CSV without the reader's records; those of all other records are as they were. */
export async function* withoutRecords(
  chunks: AsyncIterable<Buffer>,
  { matcher, onErased }: { readonly matcher: ReaderMatcher; readonly onErased: () => void },
): AsyncGenerator<Buffer> {
  const records = new RecordEnds();
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const offset = begun.length;
    const ends = records.in(chunk).map((end) => end + offset);
    const whole = Buffer.concat([begun, chunk]);
    const end = ends.at(-1) ?? 0;
    begun = whole.subarray(end);
    if (end > 0) yield without(whole.subarray(0, end), ends);
  }
  // Quotes that nothing closes would make one record of many.
  const ends = records.isWithinQuotes ? lineEnds(begun) : [];
  if (begun.length > 0) yield without(begun, [...ends, begun.length]);

  function without(bytes: Buffer, ends: readonly number[]): Buffer {
    if (!matcher.mayBeIn(bytes)) return bytes;
    const starts = [0, ...ends];
    return Buffer.concat(ends.map((end, n) => editRecord(bytes.subarray(starts[n], end))));
  }

  function editRecord(record: Buffer): Buffer {
    const text = record.toString();
    if (!matcher.mayBeIn(record)) return record;
    const [cells = [text]] = parseRecord(text);
    if (!cells.some((cell) => matcher.isReader(cell)) && !cells.some((cell) => matcher.isMentionedIn(cell)))
      return record;
    onErased();
    if (cells.some((cell) => matcher.isReader(cell))) return Buffer.alloc(0);
    const emptied = cells.map((cell) => (matcher.isMentionedIn(cell) ? "" : cell));
    return Buffer.from(stringify([emptied], { quoted_match: /[\\\r]/ }));
  }
}

function parseRecord(text: string): string[][] {
  const dialect = { bom: true, relax_column_count: true, relax_quotes: true } as const;
  try {
    return parse(text, { ...dialect, record_delimiter: ["\r\n", "\n"] });
  } catch {
    // What cannot be parsed is one value.
    return [[text]];
  }
}
