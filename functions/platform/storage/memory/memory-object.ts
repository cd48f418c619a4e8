import { NewsletterSyncError } from "../../../domain/errors.ts";
import type { ObjectStore, PutCondition } from "../object-store.ts";

interface MemoryObjectOptions {
  readonly store: ObjectStore;
  readonly key: string;
  /** What holds while it cannot be read: the end of the note that says so. */
  readonly strictReading: string;
  /** Tells a person that something is not remembered. */
  note(text: string): void;
}

/**
 * One object of a list's memory: read once, and written only over what was read. Neither ever fails a run: what is
 * not remembered makes the next one stricter.
 */
export class MemoryObject {
  readonly #options: MemoryObjectOptions;
  /** What a write asks of the object that stands; undefined when nothing may be written. */
  #condition: PutCondition | undefined;
  #isDamaged = false;
  #isUnreadable = false;

  constructor(options: MemoryObjectOptions) {
    this.#options = options;
  }

  /** Whether what stands there is of no use: it is to be written anew. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Whether it is not known what is remembered: it is damaged, or S3 did not give it. */
  get isUnknown(): boolean {
    return this.#isDamaged || this.#isUnreadable;
  }

  /**
   * @param decode returns undefined, or throws, when the bytes are damaged
   * @returns undefined when there is nothing, or it is not known
   */
  async read<Content>(decode: (bytes: Uint8Array) => Content | undefined): Promise<Content | undefined> {
    const { store, key, strictReading, note } = this.#options;
    try {
      const standing = await store.get(key);
      this.#condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
      const content = standing && attempt(() => decode(standing.bytes));
      this.#isDamaged = standing !== undefined && content === undefined;
      if (this.#isDamaged)
        note(`${key} is damaged, or of another version, and is written anew: ${strictReading}`);
      return content;
    } catch (error) {
      this.#isUnreadable = true;
      note(`${key} could not be read (${reasonOf(error)}), and is left as it is: ${strictReading}`);
      return undefined;
    }
  }

  /** @returns whether the bytes stand there */
  async write(bytes: Uint8Array): Promise<boolean> {
    const { store, key, note } = this.#options;
    if (this.#condition === undefined) return false;
    try {
      const etag = (await store.put(key, bytes, this.#condition)) ?? (await this.#tagOf(bytes));
      if (etag === undefined) note(`${key} was not written: another run has changed it meanwhile`);
      this.#condition = etag === undefined ? undefined : { ifMatch: etag };
      this.#isDamaged &&= etag === undefined;
      return etag !== undefined;
    } catch (error) {
      note(`${key} was not written (${reasonOf(error)}): what this run did is not remembered`);
      return false;
    }
  }

  /** The answer to a put may have been lost, and the put repeated: then its bytes stand there. */
  async #tagOf(bytes: Uint8Array): Promise<string | undefined> {
    const standing = await this.#options.store.get(this.#options.key);
    return standing && Buffer.compare(standing.bytes, bytes) === 0 ? standing.etag : undefined;
  }
}

function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Only our own messages are known to hold no address. */
function reasonOf(error: unknown): string {
  if (error instanceof NewsletterSyncError) return error.message;
  return error instanceof Error ? error.name : "for an unknown reason";
}
