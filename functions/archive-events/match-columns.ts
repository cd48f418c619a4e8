import { parse } from "csv-parse/sync";
import { type EventName, eventColumns, optionalColumns } from "../providers/event-columns.ts";

/** How a file's columns map to its event's table: the documented columns in their order, then the unknown ones. */
export interface MatchedColumns {
  /** In the order of the file. */
  readonly names: readonly string[];
  /** In the order of the table. */
  readonly table: readonly string[];
  /** For each of the table's columns its position in the file; -1 for an optional one that is not there. */
  readonly positions: readonly number[];
  /** The unknown columns as a report may name them: by position, if the name could be a value. */
  readonly unknown: readonly string[];
}

/** The dialect that csv-scanner.ts counts. */
export const csvDialect = {
  bom: true,
  record_delimiter: ["\r\n", "\n"],
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
};

const plainName = /^[\w -]{1,40}$/;

/** @returns the columns, or what is wrong with them, without quoting any value of the file */
export function matchColumns(event: EventName, head: Buffer): MatchedColumns | { readonly problem: string } {
  const names = readHeader(head);
  if (names === undefined) return { problem: "is empty, without a header" };
  const documented: readonly string[] = eventColumns[event];
  const lacking = documented.filter((column) => !names.includes(column));
  // The first line may be a row, so it is not quoted: it would show an address.
  if (lacking.length === documented.length) return { problem: "has no header" };
  const missing = lacking.filter((column) => !optionalColumns[event]?.includes(column));
  if (missing.length > 0) {
    return { problem: `lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}` };
  }
  const positions = documented.map((column) => names.indexOf(column));
  const unknown = names.map((_, position) => position).filter((position) => !positions.includes(position));
  const nameOf = (position: number) => names[position] ?? "";
  return {
    names,
    table: [...documented, ...unknown.map(nameOf)],
    positions: [...positions, ...unknown],
    unknown: unknown.map((position) =>
      plainName.test(nameOf(position)) ? nameOf(position) : `column ${position + 1}`,
    ),
  };
}

/** @returns undefined for a file without a record; no columns for one whose first record does not end */
function readHeader(head: Buffer): string[] | undefined {
  try {
    // As text: csv-parse reads bytes as UTF-16 if they begin with its byte order mark, and the scanner does not.
    return parse(head.toString(), { ...csvDialect, to: 1 })[0];
  } catch {
    // The error is dropped, because the parser quotes values in it.
    return [];
  }
}
