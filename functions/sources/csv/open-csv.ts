import { SourceError } from "../../domain/errors.ts";
import type { OpenSource, SourceBatch, SourceConfiguration } from "../source.ts";
import { type CsvRows, csvRows } from "./csv-rows.ts";
import { type FileAccess, openSourceFile } from "./source-file.ts";

/**
 * Opens a CSV file of S3 or of this machine; its rows show the state of its last modification.
 *
 * @throws SourceError when the file can not be read or has no header
 */
export async function openCsv(
  { uri, encoding }: Extract<SourceConfiguration, { kind: "csv" }>,
  access: FileAccess,
): Promise<OpenSource> {
  const file = await openSourceFile(uri, access);
  const batches = csvRows(file.chunks, encoding);
  try {
    const first = (await batches.next()).value as CsvRows | undefined;
    const columns = first?.rows.shift();
    if (first === undefined || columns === undefined) {
      throw new SourceError(uri, "holds no rows, not even a header");
    }
    first.lines.shift();
    return {
      columns,
      readAt: file.modifiedAt,
      batches: () => withPlaces(uri, first, batches),
      close: async () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function* withPlaces(
  uri: string,
  first: CsvRows,
  rest: AsyncIterable<CsvRows>,
): AsyncGenerator<SourceBatch> {
  let hasRows = first.rows.length > 0;
  if (hasRows) yield batchOf(first);
  for await (const batch of rest) {
    hasRows = true;
    yield batchOf(batch);
  }
  if (!hasRows) throw new SourceError(uri, "holds no rows, only a header");
}

function batchOf({ rows, lines }: CsvRows): SourceBatch {
  return { rows, placeOf: (position) => `line ${lines[position]}` };
}
