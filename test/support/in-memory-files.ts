import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type {
  FileDescription,
  FileStore,
  UploadOptions,
} from "../../functions/platform/storage/file-store.ts";

interface StoredFile extends FileDescription {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  labels: Readonly<Record<string, string>>;
}

/** A call of the store: reported as it begins and, unless it fails, as it ends. */
export interface FileCall {
  readonly operation: keyof FileStore;
  readonly key: string;
  readonly moment: "begins" | "ends";
}

const largestMetadata = 2048;

/** A bucket of files in memory, with S3's conditional writes and its rules for metadata. */
export class InMemoryFiles implements FileStore {
  readonly files = new Map<string, StoredFile>();
  /** If it throws, so does the call: before its work is done, or after it, like a lost answer. */
  onCall: (call: FileCall) => void | Promise<void> = () => undefined;

  upload(key: string, chunks: AsyncIterable<Uint8Array>, options: UploadOptions) {
    return this.#call("upload", key, async () => {
      const { contentType, metadata = {}, ifAbsent, ifMatch, signal } = options;
      signal.throwIfAborted();
      checkMetadata(metadata);
      const received: Uint8Array[] = [];
      for await (const chunk of chunks) {
        received.push(Uint8Array.from(chunk));
        signal.throwIfAborted();
      }
      const standing = this.files.get(key);
      if (ifAbsent && standing !== undefined) return undefined;
      if (ifMatch !== undefined && ifMatch !== standing?.etag) return undefined;
      const bytes = Buffer.concat(received);
      const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
      const labels = standing?.etag === etag ? standing.labels : {};
      this.files.set(key, { bytes, contentType, etag, metadata: { ...metadata }, labels });
      return etag;
    });
  }

  describe(key: string) {
    return this.#call("describe", key, async (): Promise<FileDescription | undefined> => {
      const file = this.files.get(key);
      return file && { etag: file.etag, metadata: file.metadata };
    });
  }

  labelsOf(key: string) {
    return this.#call("labelsOf", key, async () => this.files.get(key)?.labels ?? {});
  }

  label(key: string, labels: Readonly<Record<string, string>>) {
    return this.#call("label", key, async () => {
      const file = this.files.get(key);
      if (file !== undefined) file.labels = { ...labels };
    });
  }

  linkTo(key: string, lifeMs: number) {
    return this.#call("linkTo", key, async () => `https://files.invalid/${key}?lifeMs=${lifeMs}`);
  }

  /** A file's text, decompressed if its key ends with .gz. */
  textOf(key: string): string {
    const file = this.files.get(key);
    if (file === undefined) throw new Error(`there is no file ${key}`);
    return String(key.endsWith(".gz") ? gunzipSync(file.bytes) : Buffer.from(file.bytes));
  }

  async #call<Result>(operation: keyof FileStore, key: string, work: () => Promise<Result>): Promise<Result> {
    await this.onCall({ operation, key, moment: "begins" });
    const result = await work();
    await this.onCall({ operation, key, moment: "ends" });
    return result;
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > largestMetadata) throw new Error("metadata of more than 2 kB");
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`a metadata name that S3 changes: ${name}`);
    if (!/^[\x20-\x7e]*$/.test(value)) throw new Error(`metadata that is not ASCII: ${name}`);
  }
}
