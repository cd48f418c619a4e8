import { enlarged } from "../domain/enlarged.ts";

/** Reads a body and gives its bytes to `parse`, which must not keep them: their memory is used again. */
export type ReadBody = <T>(response: Response, parse: (bytes: Uint8Array) => T) => Promise<T>;

const firstSize = 1 << 22;

/**
 * A reader of bodies of some megabytes, one after the other or several at a time. It takes new memory only for
 * as many as are read at the same time, where `response.arrayBuffer()` leaves each body to the garbage collector.
 */
export function createBodyReader(): ReadBody {
  const free: Uint8Array[] = [];
  return async (response, parse) => {
    let bytes = free.pop() ?? new Uint8Array(firstSize);
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        if (size + chunk.length > bytes.length) bytes = enlarged(bytes, size + chunk.length);
        bytes.set(chunk, size);
        size += chunk.length;
      }
      return parse(bytes.subarray(0, size));
    } finally {
      free.push(bytes);
    }
  };
}
