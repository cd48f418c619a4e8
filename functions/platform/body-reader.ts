/** Reads a body and gives its bytes to `parse`, which must not keep them: their memory is used again. */
export type ReadBody = <T>(response: Response, parse: (bytes: Uint8Array) => T) => Promise<T>;

const firstSize = 1 << 22;

/**
 * A reader of bodies of some megabytes, one after the other or several at a time. It takes new memory only for
 * as many as are read at the same time, where `response.arrayBuffer()` leaves each body to the garbage collector.
 */
export function createBodyReader(): ReadBody {
  const free: ArrayBuffer[] = [];
  return async (response, parse) => {
    const reader = response.body?.getReader({ mode: "byob" });
    if (reader === undefined) return parse(new Uint8Array());
    let buffer = free.pop() ?? new ArrayBuffer(firstSize);
    let size = 0;
    for (;;) {
      if (size === buffer.byteLength) buffer = buffer.transfer(2 * size);
      const { value, done } = await reader.read(new Uint8Array(buffer, size));
      // The memory changes hands with every read; a reader that was cancelled keeps it.
      if (value === undefined) return parse(new Uint8Array());
      buffer = value.buffer;
      size += value.byteLength;
      if (done) break;
    }
    try {
      return parse(new Uint8Array(buffer, 0, size));
    } finally {
      free.push(buffer);
    }
  };
}
