import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ProviderUnavailableError } from "../domain/provider-errors.ts";
import type { StreamedBody } from "../platform/http/http-stream.ts";
import type { CheckedRows, RowCheck } from "./row-check.ts";

/** A file whose body arrived, gzipped on disk. Its numbers describe the CSV as it was sent. */
export interface DownloadedFile extends CheckedRows {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The body did not arrive whole, so the file has to be requested again. */
export class BrokenBodyError extends Error {
  override readonly name = "BrokenBodyError";
}

/**
 * Writes a body into a file that only its owner can read, no faster than the disk accepts it, and checks its rows.
 *
 * @throws BrokenBodyError when the body breaks off or differs from its stated length
 */
export async function downloadBody(
  { stream, expectedBytes, isEndCertain }: StreamedBody,
  { path, check, signal }: { path: string; check: RowCheck; signal: AbortSignal },
): Promise<DownloadedFile> {
  const hash = createHash("sha256");
  let bytes = 0;

  async function* measure(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
      check.scan(chunk);
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
  const rows = check.end({ isLengthStated: expectedBytes !== undefined, isEndCertain });
  return { path, bytes, sha256: hash.digest("hex"), ...rows };
}
