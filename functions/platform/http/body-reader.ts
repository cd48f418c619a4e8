import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { enlarged } from "../../domain/records/enlarged.ts";
import type { HttpAnswer } from "./http-answer.ts";

/** What becomes of a body. */
interface BodyUse<T> {
  /** Must not keep the bytes: their memory is used again. */
  readonly parse: (bytes: Uint8Array) => T;
  /** Called when the body has come; what this asks for is sent before `parse` takes its time. */
  readonly onReceived?: () => void;
}

export type ReadBody = <T>(answer: HttpAnswer, use: BodyUse<T>) => Promise<T>;

const firstSize = 1 << 16;

/**
 * A reader of bodies of some megabytes, one after the other or several at a time. It takes new memory only for
 * as many as are read at the same time, where one that gathers pieces leaves each body to the garbage collector.
 */
export function createBodyReader(): ReadBody {
  const free: Uint8Array[] = [];
  return async ({ body }, { parse, onReceived }) => {
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
      onReceived?.();
      await nextTurn();
      return parse(bytes.subarray(0, size));
    } finally {
      free.push(bytes);
      // The pieces lie outside of the heap. Left alone, they make V8 go through all of it, some forty times for a
      // million rows; this looks at what is new, and takes a millisecond. Lambda starts Node with --expose-gc.
      globalThis.gc?.({ type: "minor" });
    }
  };
}
