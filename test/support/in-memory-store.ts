import { createHash } from "node:crypto";
import type {
  ObjectStore,
  PutCondition,
  StoredObject,
} from "../../functions/platform/storage/object-store.ts";

/** A bucket in memory, with S3's conditional writes. */
export class InMemoryStore implements ObjectStore {
  readonly objects = new Map<string, StoredObject>();

  async put(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<string | undefined> {
    const standing = this.objects.get(key);
    if (condition.ifAbsent && standing !== undefined) return undefined;
    if (condition.ifMatch !== undefined && condition.ifMatch !== standing?.etag) return undefined;
    const etag = createHash("md5").update(bytes).digest("hex");
    this.objects.set(key, { bytes: Uint8Array.from(bytes), etag });
    return etag;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    return this.objects.get(key);
  }
}
