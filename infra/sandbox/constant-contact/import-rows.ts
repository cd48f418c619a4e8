import { parse } from "csv-parse/sync";
import type { Limits } from "./limits.ts";

/** A row of an import, with names as an import has them: `email`, `cf:NAME`. */
export type ImportRow = Readonly<Record<string, unknown>>;

type ImportLimits = Pick<Limits, "importBytes" | "importRows">;

/** The rows that are within the limits: what is beyond them is dropped, and so is a row that the limit cuts. */
export function cutRows(rows: readonly ImportRow[], { importBytes, importRows }: ImportLimits): ImportRow[] {
  let bytes = '{"import_data":['.length;
  const tooMany = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return bytes > importBytes || index >= importRows;
  });
  return rows.slice(0, tooMany === -1 ? rows.length : tooMany);
}

/**
 * Likewise the rows of a file; its first line names the columns and counts as a row.
 *
 * @returns undefined if the file is not a CSV file
 */
export function cutFile(csv: string, { importBytes, importRows }: ImportLimits): ImportRow[] | undefined {
  const bytes = Buffer.from(csv);
  const kept = bytes.length > importBytes ? wholeLines(bytes.subarray(0, importBytes).toString()) : csv;
  try {
    const rows: ImportRow[] = parse(kept, { bom: true, columns: true, relax_column_count: true });
    return rows.slice(0, importRows - 1);
  } catch {
    return undefined;
  }
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);
