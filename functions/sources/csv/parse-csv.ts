import { type CsvError, parse } from "csv-parse/sync";
import { SourceError } from "../../domain/errors.ts";
import { type CsvBlock, csvBlocks } from "./csv-blocks.ts";

/** Rows that stood together in a file, and the line (from 1) on which each begins. */
export interface CsvRows {
  readonly rows: string[][];
  readonly lines: number[];
}

const notClosed = "a quote is opened in this row and not closed";
const outOfPlace = "a quote is out of place in this row: quote the whole value and double the quotes in it";

/**
 * Parses a CSV file as it arrives; the header is the first row. The delimiter is that of comma, semicolon
 * and tab which the header has most of. Lines that are wholly empty are left out.
 *
 * @throws SourceError naming the line, for a byte that is not of the encoding, a quote out of place or not
 * closed, a row with more or fewer columns than the header, and a last line without a line break at its end
 */
export async function* csvRows(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<CsvRows> {
  let delimiter: string | undefined;
  let columns: number | undefined;
  for await (const block of csvBlocks(chunks, encoding)) {
    delimiter ??= delimiterOf(block.text);
    const records = parseBlock(block, delimiter);
    if (block.flaw !== undefined) throw new SourceError(`line ${block.line}`, block.flaw);
    const batch = placeRecords(records, block);
    columns ??= batch.rows[0]?.length;
    const odd = batch.rows.findIndex((row) => row.length !== columns);
    if (odd >= 0) {
      const problem = `has ${batch.rows[odd]?.length} columns, but the header has ${columns}`;
      throw new SourceError(`line ${batch.lines[odd]}`, problem);
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

// Without a quote there is nothing to parse, and splitting takes a fifth of the parser's time.
function parseBlock({ text, line }: CsvBlock, delimiter: string): string[][] {
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
    // No cause, as the parser quotes values. Its own line is wrong when a value holds CR LF.
    const before = records === 0 ? [] : parse(text, { ...options, to: records });
    const place = before.reduce((at, record) => at + linesOf(record), line);
    throw new SourceError(`line ${place}`, code === "CSV_QUOTE_NOT_CLOSED" ? notClosed : outOfPlace);
  }
}

function placeRecords(records: string[][], block: CsvBlock): CsvRows {
  const batch: CsvRows = { rows: [], lines: [] };
  const mayHoldBreaks = block.text.includes('"');
  let { line } = block;
  for (const record of records) {
    if (record.length > 1 || record[0] !== "") {
      batch.rows.push(record);
      batch.lines.push(line);
    }
    line += mayHoldBreaks ? linesOf(record) : 1;
  }
  return batch;
}

function linesOf(record: readonly string[]): number {
  let lines = 1;
  for (const value of record) {
    for (let at = value.indexOf("\n"); at >= 0; at = value.indexOf("\n", at + 1)) lines++;
  }
  return lines;
}
