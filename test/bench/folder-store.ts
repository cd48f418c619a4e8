import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
  ObjectStore,
  PutCondition,
  StoredObject,
} from "../../functions/platform/storage/object-store.ts";

/** A bucket in a folder, for one user at a time: what it holds takes no memory, and outlives a process. */
export class FolderStore implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { ifAbsent, ifMatch }: PutCondition = {},
  ): Promise<string | undefined> {
    const standing = ifAbsent || ifMatch !== undefined ? await this.get(key) : undefined;
    if (ifAbsent && standing !== undefined) return undefined;
    if (ifMatch !== undefined && ifMatch !== standing?.etag) return undefined;
    const file = join(this.#folder, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return etagOf(bytes);
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const bytes = await readFile(join(this.#folder, key)).catch(unlessMissing);
    return bytes && { bytes, etag: etagOf(bytes) };
  }
}

function etagOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
