import { type CsvError, parse } from "csv-parse/sync";
import { SourceError } from "../../domain/errors.ts";
import type { SourceBatch } from "../source.ts";
import { type CsvText, splitCsv } from "./split-csv.ts";

const notClosed = "a quote is opened in this row and not closed";
const outOfPlace = "a quote is out of place in this row: quote the whole value and double the quotes in it";

/**
 * Parses a CSV file as it arrives. The header is the first row of the first batch. The delimiter is the one of comma,
 * semicolon and tab that occurs most often in the header. Empty lines are skipped.
 *
 * @throws SourceError naming the line, for a byte that is invalid in the encoding, a quote that is out of place or not
 *   closed, a row with more or fewer columns than the header, and a last line without a line break at its end
 */
export async function* parseCsv(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
): AsyncGenerator<SourceBatch> {
  let delimiter: string | undefined;
  let columns: number | undefined;
  for await (const csv of splitCsv(chunks, encoding)) {
    delimiter ??= delimiterOf(csv.text);
    const rows = parseText(csv, delimiter);
    if (csv.flaw !== undefined) throw new SourceError(`line ${csv.line}`, csv.flaw);
    const batch = batchOf(rows, csv);
    columns ??= batch.rows[0]?.length;
    const odd = batch.rows.findIndex((row) => row.length !== columns);
    if (odd >= 0) {
      const problem = `has ${batch.rows[odd]?.length} columns, but the header has ${columns}`;
      throw new SourceError(batch.placeOf(odd), problem);
    }
    if (batch.rows.length > 0) yield batch;
  }
}

function delimiterOf(text: string): string {
  const [header = ""] = /(?:"[^"]*"|[^"\r\n]+)+/.exec(text) ?? [];
  const unquoted = header.replace(/"[^"]*"/g, "");
  const count = (delimiter: string) => unquoted.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, other) => (count(other) > count(best) ? other : best));
}

// Without quotes, splitting is enough and takes a fifth of the parser's time.
function parseText({ text, line }: CsvText, delimiter: string): string[][] {
  if (!text.includes('"')) {
    const rows = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
    return rows
      .slice(0, -1)
      .split("\n")
      .map((row) => row.split(delimiter));
  }
  const options = { delimiter, record_delimiter: ["\r\n", "\n"], relax_column_count: true };
  try {
    return parse(text, options);
  } catch (error) {
    const { code, records } = error as CsvError & { records: number };
    // No cause: the parser quotes values. Its own line number is wrong when a value contains CR LF.
    const before = records === 0 ? [] : parse(text, { ...options, to: records });
    const place = before.reduce((at, row) => at + linesOf(row), line);
    throw new SourceError(`line ${place}`, code === "CSV_QUOTE_NOT_CLOSED" ? notClosed : outOfPlace);
  }
}

function batchOf(parsed: readonly string[][], csv: CsvText): SourceBatch {
  const rows: string[][] = [];
  const lines: number[] = [];
  const mayHoldBreaks = csv.text.includes('"');
  let { line } = csv;
  for (const row of parsed) {
    if (row.length > 1 || row[0] !== "") {
      rows.push(row);
      lines.push(line);
    }
    line += mayHoldBreaks ? linesOf(row) : 1;
  }
  return { rows, placeOf: (position) => `line ${lines[position]}` };
}

function linesOf(row: readonly string[]): number {
  let lines = 1;
  for (const value of row) {
    for (let at = value.indexOf("\n"); at >= 0; at = value.indexOf("\n", at + 1)) lines++;
  }
  return lines;
}
