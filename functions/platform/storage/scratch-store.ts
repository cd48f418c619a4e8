import { createHash } from "node:crypto";
import type { ObjectStore, StoredObject } from "./object-store.ts";

/**
 * A store for whoever only looks: what it writes under these prefixes is kept in memory, where it alone reads it, with the
 * same conditions. So nobody who works on the same objects notices it.
 */
export function createScratchStore(store: ObjectStore, prefixes: readonly string[]): ObjectStore {
  const written = new Map<string, StoredObject>();
  const get = async (key: string) => written.get(key) ?? (await store.get(key));
  return {
    get,
    async put(key, bytes, condition = {}) {
      if (!prefixes.some((prefix) => key.startsWith(prefix))) return store.put(key, bytes, condition);
      if (condition.ifAbsent || condition.ifMatch !== undefined) {
        const standing = await get(key);
        if (condition.ifAbsent ? standing !== undefined : standing?.etag !== condition.ifMatch)
          return undefined;
      }
      const etag = `scratch-${createHash("sha256").update(bytes).digest("hex")}`;
      written.set(key, { bytes, etag });
      return etag;
    },
  };
}
