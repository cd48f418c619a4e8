import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { addressFields } from "./erase-rows.ts";
import type { ReaderMatcher } from "./reader-matcher.ts";

const delimiters = [",", ";", "\t"] as const;

/** Takes one reader out of records of a CSV: whole records if they are theirs, else the values that mention them. */
export class RecordEraser {
  readonly delimiter: string;
  /** Where a record says whose it is; empty if the first line does not tell. */
  readonly #addressColumns: readonly number[];
  readonly #matcher: ReaderMatcher;
  readonly #onErased: () => void;

  constructor(
    firstLine: string,
    { matcher, onErased }: { readonly matcher: ReaderMatcher; readonly onErased: () => void },
  ) {
    const layouts = delimiters.map((delimiter) => ({
      delimiter,
      columns: addressColumnsIn(parseRecord(firstLine, delimiter)),
    }));
    const { delimiter, columns } = layouts.find(({ columns }) => columns.length > 0) ?? layouts[0]!;
    this.delimiter = delimiter;
    this.#addressColumns = columns;
    this.#matcher = matcher;
    this.#onErased = onErased;
  }

  /** @param ends of the records, the last one that of the bytes */
  erase(bytes: Buffer, ends: readonly number[]): Buffer {
    if (!this.#matcher.mayBeIn(bytes)) return bytes;
    const starts = [0, ...ends];
    return Buffer.concat(ends.map((end, n) => this.#left(bytes.subarray(starts[n], end))));
  }

  #left(record: Buffer): Buffer {
    const matcher = this.#matcher;
    if (!matcher.mayBeIn(record)) return record;
    const text = record.toString();
    const cells = parseRecord(text, this.delimiter);
    const emptied = cells.map((cell) => (matcher.isReader(cell) || matcher.isMentionedIn(cell) ? "" : cell));
    const isErased = (n: number) => emptied[n] !== cells[n];
    if (!cells.some((_, n) => isErased(n))) return record;
    this.#onErased();
    const isTheirs =
      this.#addressColumns.length > 0
        ? this.#addressColumns.some(isErased)
        : cells.some((cell) => matcher.isReader(cell));
    if (isTheirs || emptied.every((cell) => cell === "")) return Buffer.alloc(0);
    const [end = ""] = /\r?\n$/.exec(text) ?? [];
    const dialect = { delimiter: this.delimiter, eof: false, quoted_match: /[\\\r]/ };
    return Buffer.from(`${stringify([emptied], dialect)}${end}`);
  }
}

function addressColumnsIn(names: readonly string[]): number[] {
  return names.flatMap((name, n) =>
    addressFields.some((field) => field === name.trim().toLowerCase()) ? [n] : [],
  );
}

function parseRecord(text: string, delimiter: string): string[] {
  const dialect = { delimiter, bom: true, relax_column_count: true, relax_quotes: true } as const;
  try {
    const [cells = [text]]: string[][] = parse(text, { ...dialect, record_delimiter: ["\r\n", "\n"] });
    return cells;
  } catch {
    // What cannot be parsed is one value.
    return [text];
  }
}
