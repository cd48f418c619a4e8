import { SourceError } from "../../domain/errors.ts";
import type { OpenSource, SourceAccess, SourceConfiguration } from "../source.ts";
import type { CsvBatch } from "./csv-batch.ts";
import { parseCsv } from "./parse-csv.ts";
import { openSourceFile } from "./source-file.ts";

const hourMs = 60 * 60 * 1000;

type CsvConfiguration = Extract<SourceConfiguration, { kind: "csv" }>;

/**
 * Opens a CSV file in S3 or on this machine. Its rows show the state of its last modification.
 *
 * @throws SourceError when the file cannot be read, is older than the list allows, or has no header
 */
export async function openCsv(
  configuration: CsvConfiguration,
  access: Pick<SourceAccess, "s3" | "signal" | "clock">,
): Promise<OpenSource> {
  const { uri, encoding } = configuration;
  const file = await openSourceFile(uri, access);
  const batches = parseCsv(file.chunks, encoding);
  try {
    checkAge(configuration, { modifiedAt: file.modifiedAt, now: access.clock.now() });
    const first = (await batches.next()).value as CsvBatch | undefined;
    if (!first?.next()) throw new SourceError(uri, "holds no rows, not even a header");
    return {
      columns: first.row().map((name) => name ?? ""),
      readAt: file.modifiedAt,
      batches: () => withoutHeader(uri, first, batches),
      close: async () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** @param first stands at the header */
async function* withoutHeader(
  uri: string,
  first: CsvBatch,
  rest: AsyncIterable<CsvBatch>,
): AsyncGenerator<CsvBatch> {
  yield first;
  let { rows } = first;
  for await (const batch of rest) {
    yield batch;
    rows += batch.rows;
  }
  if (rows === 1) throw new SourceError(uri, "holds no rows, only a header");
}

/** A file that is no longer written looks like a list in which nothing ever changes. */
function checkAge(
  { uri, maxAgeHours }: CsvConfiguration,
  { modifiedAt, now }: { modifiedAt: number; now: number },
): void {
  const hours = Math.floor((now - modifiedAt) / hourMs);
  if (hours < maxAgeHours) return;
  const written = `it was written on ${new Date(modifiedAt).toISOString()}, ${hours} hours ago`;
  const hint = `Export it anew, or raise "maxAgeHours" of the list's source, which is ${maxAgeHours}`;
  throw new SourceError(uri, `${written}. ${hint}`);
}
