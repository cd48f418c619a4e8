import { parse } from "csv-parse/sync";
import { type EventName, eventColumns, optionalColumns } from "../providers/ownpage/event-columns.ts";

/** A file's columns beside those of its event's table: the documented ones in their order, then the unknown. */
export interface MatchedColumns {
  /** As they stand in the file. */
  readonly names: readonly string[];
  readonly table: readonly string[];
  /** Where in the file each of the table's columns stands; -1 for an optional one that it lacks. */
  readonly positions: readonly number[];
  /** The unknown ones as a report may name them: what is no plain name becomes its place. */
  readonly unknown: readonly string[];
}

/** As csv-scanner.ts reads a CSV. */
export const csvDialect = {
  bom: true,
  record_delimiter: ["\r\n", "\n"],
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
};

const plainName = /^[\w -]{1,40}$/;

/** @returns the columns, or what is wrong with them, in which no value of the file is quoted */
export function matchColumns(event: EventName, head: Buffer): MatchedColumns | { readonly problem: string } {
  const names = readHeader(head);
  if (names === undefined) return { problem: "is empty, without a header" };
  const documented: readonly string[] = eventColumns[event];
  const lacking = documented.filter((column) => !names.includes(column));
  // What stands first may be a row, and is not quoted: it has an address.
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

/** @returns undefined for a file without any record; no column for one whose first record does not end */
function readHeader(head: Buffer): string[] | undefined {
  try {
    // As text, since csv-parse takes bytes for UTF-16 when they begin with its mark, and the scanner does not.
    return parse(head.toString(), { ...csvDialect, to: 1 })[0];
  } catch {
    // No cause, as the parser quotes values.
    return [];
  }
}
