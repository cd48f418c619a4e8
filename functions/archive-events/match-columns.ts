import { parse } from "csv-parse/sync";
import { type EventName, eventColumns, optionalColumns } from "../providers/event-columns.ts";

/** How a file's columns map to its event's table: the documented columns in their order, then the unknown ones. */
export interface MatchedColumns {
  /** In the order of the file, as it spells them. */
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

/** No address, number or full name: the header may have lost its line break, and so end with values. */
const plainName = /^[a-z]\w{0,39}$/i;

/** The columns of a file without a record: there is nothing to map. */
export function columnsWithoutHeader(event: EventName): MatchedColumns {
  const table: readonly string[] = eventColumns[event];
  return { names: [], table, positions: [...table.keys()], unknown: [] };
}

/**
 * Finds the documented columns, spelled with other capitals or with spaces around them, too.
 *
 * @returns the columns, or what is wrong with them, without quoting any value of the file
 */
export function matchColumns(event: EventName, head: Buffer): MatchedColumns | { readonly problem: string } {
  const names = readHeader(head);
  const documented: readonly string[] = eventColumns[event];
  const known = names.map((name) => name.trim().toLowerCase());
  const lacking = documented.filter((column) => !known.includes(column));
  // The first line may be a row, so it is not quoted: it would show an address.
  if (lacking.length === documented.length) return { problem: "has no header" };
  const missing = lacking.filter((column) => !optionalColumns[event]?.includes(column));
  if (missing.length > 0) {
    return { problem: `lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}` };
  }
  const repeated = documented.find((column) => known.indexOf(column) !== known.lastIndexOf(column));
  if (repeated !== undefined) return { problem: `has the column ${repeated} more than once` };
  const positions = documented.map((column) => known.indexOf(column));
  const unknown = [...names.keys()].filter((position) => !positions.includes(position));
  const nameOf = (position: number) => names[position]?.trim() ?? "";
  return {
    names,
    table: [...documented, ...unknown.map(nameOf)],
    positions: [...positions, ...unknown],
    unknown: unknown.map((position) =>
      plainName.test(nameOf(position)) ? nameOf(position) : `column ${position + 1}`,
    ),
  };
}

/** @returns no columns if there is no record, or one that does not end */
function readHeader(head: Buffer): string[] {
  try {
    // As text: csv-parse reads bytes as UTF-16 if they begin with its byte order mark, and the scanner does not.
    return parse(head.toString(), { ...csvDialect, to: 1 })[0] ?? [];
  } catch {
    // The error is dropped, because the parser quotes values in it.
    return [];
  }
}
