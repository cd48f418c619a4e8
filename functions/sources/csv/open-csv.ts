import { SourceError } from "../../domain/errors.ts";
import type { OpenSource, SourceAccess, SourceBatch, SourceConfiguration } from "../source.ts";
import { parseCsv } from "./parse-csv.ts";
import { openSourceFile } from "./source-file.ts";

/**
 * Opens a CSV file in S3 or on this machine. Its rows show the state of its last modification.
 *
 * @throws SourceError when the file cannot be read or has no header
 */
export async function openCsv(
  { uri, encoding }: Extract<SourceConfiguration, { kind: "csv" }>,
  access: Pick<SourceAccess, "s3" | "signal">,
): Promise<OpenSource> {
  const file = await openSourceFile(uri, access);
  const batches = parseCsv(file.chunks, encoding);
  try {
    const { value: first, done } = await batches.next();
    if (done) throw new SourceError(uri, "holds no rows, not even a header");
    const [header = []] = first.rows;
    return {
      columns: header.map((name) => name ?? ""),
      readAt: file.modifiedAt,
      batches: () => withoutHeader(uri, first, batches),
      close: async () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function* withoutHeader(
  uri: string,
  first: SourceBatch,
  rest: AsyncIterable<SourceBatch>,
): AsyncGenerator<SourceBatch> {
  const rows = first.rows.slice(1);
  let hasRows = rows.length > 0;
  if (hasRows) yield { rows, placeOf: (position) => first.placeOf(position + 1) };
  for await (const batch of rest) {
    hasRows = true;
    yield batch;
  }
  if (!hasRows) throw new SourceError(uri, "holds no rows, only a header");
}
