import type { Readable } from "node:stream";
import { OversizeFault } from "./http-fault.ts";

/** Bytes in a megabyte, as messages count them. */
export const megabyte = 2 ** 20;

/** More than any answer but a page needs: one that names each of 20,000 refused rows has some 3 MB. */
const usualBound = 16 * megabyte;

/**
 * Reads a whole body, decompressed, piece by piece: what a small body inflates to is never held beyond the bound.
 *
 * @throws OversizeFault as soon as it has more than `maxBytes`; what the stream throws
 */
export async function readBytes(body: Readable, maxBytes = usualBound): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the stream, and so the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new OversizeFault(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
