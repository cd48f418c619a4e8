import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { growBytes } from "../../domain/records/grow-bytes.ts";
import { OversizeFault } from "./http-fault.ts";
import type { HttpResponse } from "./send-request.ts";

/** How to use a body. */
interface BodyUse<T> {
  /** A body with more bytes, decompressed, fails with an OversizeFault. */
  readonly maxBytes: number;
  /** Must not keep the bytes: their memory is reused. */
  readonly parse: (bytes: Uint8Array) => T;
  /** Called when the whole body has arrived. The requests that it makes are sent before `parse` blocks the thread. */
  readonly onReceived?: () => void;
}

export type ReadBody = <T>(response: HttpResponse, use: BodyUse<T>) => Promise<T>;

const firstSize = 1 << 16;

/**
 * Creates a reader for bodies of a few megabytes. It reuses its buffers, one for each body that is read at the same
 * time, so that no body is left to the garbage collector.
 */
export function createBodyReader(): ReadBody {
  const free: Uint8Array[] = [];
  return async ({ body }, { maxBytes, parse, onReceived }) => {
    let bytes = free.pop() ?? new Uint8Array(firstSize);
    let size = 0;
    try {
      body.on("data", (chunk: Buffer) => {
        try {
          if (size + chunk.length > maxBytes) throw new OversizeFault(maxBytes);
          if (size + chunk.length > bytes.length) bytes = growBytes(bytes, size + chunk.length);
          bytes.set(chunk, size);
          size += chunk.length;
        } catch (error) {
          body.destroy(error as Error);
        }
      });
      await finished(body);
      onReceived?.();
      await nextTurn();
      return parse(bytes.subarray(0, size));
    } finally {
      free.push(bytes);
      // The chunks lie outside the heap. Left alone, they cause about forty full collections for a million rows; a minor
      // one takes a millisecond. Lambda starts Node with --expose-gc.
      globalThis.gc?.({ type: "minor" });
    }
  };
}
