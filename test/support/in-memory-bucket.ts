import { Readable } from "node:stream";
import type { Bucket } from "../../functions/platform/storage/bucket.ts";
import type { InMemoryStore } from "./in-memory-store.ts";

/** The same objects as in a store, as whoever looks through all of them sees them. */
export function bucketOver({ objects }: InMemoryStore, changedAt = new Date(0)): Bucket {
  return {
    async *list(prefix) {
      for (const key of [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()) {
        yield { key, bytes: objects.get(key)!.bytes.length, changedAt };
      }
    },
    async open(key) {
      const object = objects.get(key);
      if (object === undefined) return undefined;
      const { etag, bytes } = object;
      return { etag, contentType: "text/csv", metadata: {}, body: Readable.from([Buffer.from(bytes)]) };
    },
    async remove(key) {
      objects.delete(key);
    },
  };
}
