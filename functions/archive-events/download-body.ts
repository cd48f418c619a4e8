import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ProviderUnavailableError } from "../domain/errors.ts";
import type { StreamedBody } from "../platform/http/http-stream.ts";
import { CsvScanner } from "./csv-scanner.ts";

/** A file that arrived whole, gzipped on disk. Its numbers describe the CSV as it was sent. */
export interface DownloadedFile {
  readonly path: string;
  readonly bytes: number;
  /** Without the header; 0 for an empty body. */
  readonly rows: number;
  readonly sha256: string;
  /** The first 64 kB, which hold the header. */
  readonly head: Buffer;
  /** Whether Athena can read the rows as they are: see CsvScanner. */
  readonly isPlain: boolean;
  /** Whether its last quote is never closed: the file is whole, but where its rows end is anybody's guess. */
  readonly endsWithinQuotes: boolean;
}

/** The body did not arrive whole, so the file has to be requested again. */
export class BrokenBodyError extends Error {
  override readonly name = "BrokenBodyError";
}

const headBytes = 1 << 16;

/**
 * Writes a body into a file that only its owner can read, no faster than the disk accepts it.
 *
 * @throws BrokenBodyError when the body breaks off, differs from its stated length, or has no certain end and does not
 *   finish with a row's line break
 */
export async function downloadBody(
  { stream, expectedBytes, isEndCertain }: StreamedBody,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<DownloadedFile> {
  const hash = createHash("sha256");
  const scanner = new CsvScanner();
  const head: Buffer[] = [];
  let bytes = 0;

  async function* measure(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (bytes < headBytes) head.push(chunk.subarray(0, headBytes - bytes));
      bytes += chunk.length;
      hash.update(chunk);
      scanner.scan(chunk);
      yield chunk;
    }
  }

  try {
    await pipeline(stream, measure, createGzip(), createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    throw new BrokenBodyError(`a body that broke off after ${bytes} bytes`, { cause: error });
  }
  if (expectedBytes !== undefined && bytes !== expectedBytes) {
    throw new BrokenBodyError(`a body of ${bytes} bytes, where ${expectedBytes} were announced`);
  }
  const ending = scanner.end();
  if (!isEndCertain && ending !== "lineBreak") {
    const problem = "announced neither its length nor its end, and does not end with a row's line break";
    throw new BrokenBodyError(`a body of ${bytes} bytes that ${problem}`);
  }
  return {
    path,
    bytes,
    rows: Math.max(0, scanner.records - 1),
    sha256: hash.digest("hex"),
    head: Buffer.concat(head),
    isPlain: scanner.isPlain,
    endsWithinQuotes: ending === "quotes",
  };
}
