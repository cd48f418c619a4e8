import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ProviderUnavailableError } from "../domain/errors.ts";
import type { StreamedBody } from "../platform/http/http-stream.ts";
import { CsvScanner } from "./csv-scanner.ts";

/** A file that came whole, gzipped on disk. Its numbers are those of the CSV as it was sent. */
export interface SpooledFile {
  readonly path: string;
  readonly bytes: number;
  /** Without the header; 0 for a body that has not even that. */
  readonly rows: number;
  readonly sha256: string;
  /** The first 64 kB: the header is in them. */
  readonly head: Buffer;
  /** Whether Athena reads the rows as they are: see CsvScanner. */
  readonly isPlain: boolean;
  /** Whether a quote was opened that nothing closes: a whole file, of which nobody can tell the rows. */
  readonly endsWithinQuotes: boolean;
}

/** The body did not come whole: the file is to be asked for again. */
export class BrokenBodyError extends Error {
  override readonly name = "BrokenBodyError";
}

const headBytes = 1 << 16;

/**
 * Writes a body into a file of the owner's only, reading no faster than the disk takes it.
 *
 * @throws BrokenBodyError when it breaks off, has another length than was stated, or, where its end is not certain,
 *   does not end with a row's line break
 */
export async function spoolBody(
  { stream, expectedBytes, isEndCertain }: StreamedBody,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<SpooledFile> {
  const hash = createHash("sha256");
  const scanner = new CsvScanner();
  const head: Buffer[] = [];
  let bytes = 0;

  async function* measured(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (bytes < headBytes) head.push(chunk.subarray(0, headBytes - bytes));
      bytes += chunk.length;
      hash.update(chunk);
      scanner.scan(chunk);
      yield chunk;
    }
  }

  try {
    await pipeline(stream, measured, createGzip(), createWriteStream(path, { mode: 0o600 }), { signal });
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
