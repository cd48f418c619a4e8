import { SourceError } from "../../domain/errors.ts";
import { CsvBatch, type CsvDialect } from "./csv-batch.ts";
import { splitCsv } from "./split-csv.ts";

/**
 * Parses a CSV file as it arrives. The header is the first row of the first batch. The delimiter is the one of comma,
 * semicolon and tab that occurs most often in the header. Empty lines are skipped.
 *
 * @throws SourceError naming the line, for a byte that is invalid in the encoding and a last line without a line break at
 *   its end; and so do its batches, for a quote that is out of place or not closed, and a row with more or fewer columns
 *   than the header
 */
export async function* parseCsv(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<CsvBatch> {
  let dialect: CsvDialect | undefined;
  for await (const block of splitCsv(chunks, encoding)) {
    dialect ??= dialectOf(block.bytes.toString());
    const batch = new CsvBatch(block, dialect ?? { delimiter: ",", columns: 1 });
    if (block.flaw !== undefined) {
      batch.checkQuotes();
      throw new SourceError(`line ${block.line}`, block.flaw);
    }
    if (dialect !== undefined) yield batch;
  }
}

/** Undefined if there are only empty lines. */
function dialectOf(text: string): CsvDialect | undefined {
  const header = /(?:"[^"]*"|[^"\r\n]+|\r(?!\n))+/.exec(text)?.[0];
  if (header === undefined) return undefined;
  const unquoted = header.replace(/"[^"]*"/g, "");
  const columnsBy = (delimiter: string) => unquoted.split(delimiter).length;
  const delimiter = [",", ";", "\t"].reduce((best, other) =>
    columnsBy(other) > columnsBy(best) ? other : best,
  );
  return { delimiter, columns: columnsBy(delimiter) };
}
