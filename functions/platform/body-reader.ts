import { finished } from "node:stream/promises";
import { enlarged } from "../domain/enlarged.ts";
import type { HttpAnswer } from "./http-answer.ts";

/** Reads a body and gives its bytes to `parse`, which must not keep them: their memory is used again. */
export type ReadBody = <T>(answer: HttpAnswer, parse: (bytes: Uint8Array) => T) => Promise<T>;

const firstSize = 1 << 16;

/**
 * A reader of bodies of some megabytes, one after the other or several at a time. It takes new memory only for
 * as many as are read at the same time, where one that gathers pieces leaves each body to the garbage collector.
 */
export function createBodyReader(): ReadBody {
  const free: Uint8Array[] = [];
  return async ({ body }, parse) => {
    let bytes = free.pop() ?? new Uint8Array(firstSize);
    let size = 0;
    try {
      body.on("data", (piece: Buffer) => {
        try {
          if (size + piece.length > bytes.length) bytes = enlarged(bytes, size + piece.length);
          bytes.set(piece, size);
          size += piece.length;
        } catch (error) {
          body.destroy(error as Error);
        }
      });
      await finished(body);
      return parse(bytes.subarray(0, size));
    } finally {
      free.push(bytes);
    }
  };
}
