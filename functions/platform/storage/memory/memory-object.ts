import { NewsletterSyncError } from "../../../domain/errors.ts";
import { nameOf } from "../../../domain/unforeseen-error.ts";
import type { ObjectStore, PutCondition } from "../object-store.ts";

export interface MemoryObjectOptions {
  readonly store: ObjectStore;
  readonly key: string;
  /** Whether there is an object unless it was lost. @default false */
  readonly mustExist?: boolean;
  /** How the runs behave while it cannot be read; the end of the note that says so. */
  readonly strictReading: string;
  /** The same if it is lost. @default strictReading */
  readonly readingOnceLost?: string;
  /** Called with a sentence for the report. */
  note(text: string): void;
}

/**
 * One object of a list's memory: read once, and overwritten only while it still is what was read. A failure becomes a
 * note and never ends a run, because less memory only makes runs stricter.
 */
export class MemoryObject {
  readonly #options: MemoryObjectOptions;
  /** Undefined while nothing may be written, because it is unknown what would be overwritten. */
  #condition: PutCondition | undefined;
  #isLost = false;
  #isUnreadable = false;

  constructor(options: MemoryObjectOptions) {
    this.#options = options;
  }

  /** Whether what was remembered is gone for good, and has to be replaced. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether S3 failed, so that it is unknown what is remembered. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /**
   * @param decode returns undefined or throws if the bytes are damaged
   * @returns undefined if there is no object, or its content is unknown
   */
  async read<Content>(decode: (bytes: Uint8Array) => Content | undefined): Promise<Content | undefined> {
    const { store, key, mustExist, strictReading, readingOnceLost = strictReading, note } = this.#options;
    try {
      const standing = await store.get(key);
      this.#condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
      const content = standing && attempt(() => decode(standing.bytes));
      this.#isLost = content === undefined && (standing !== undefined || mustExist === true);
      const state = standing === undefined ? "missing" : "damaged or of another version";
      if (this.#isLost) note(`${key} is ${state}, to be replaced: ${readingOnceLost}`);
      return content;
    } catch (error) {
      this.#isUnreadable = true;
      note(`${key} could not be read (${reasonOf(error)}) and is left as it is: ${strictReading}`);
      return undefined;
    }
  }

  /** @returns whether the bytes are stored */
  async write(bytes: Uint8Array): Promise<boolean> {
    const { store, key, note } = this.#options;
    if (this.#condition === undefined) return false;
    try {
      const etag = (await store.put(key, bytes, this.#condition)) ?? (await this.#tagOf(bytes));
      if (etag === undefined) note(`${key} was not written: another run has changed it since it was read`);
      this.#condition = etag === undefined ? undefined : { ifMatch: etag };
      this.#isLost &&= etag === undefined;
      return etag !== undefined;
    } catch (error) {
      note(`${key} could not be written (${reasonOf(error)}): what this run did is not remembered`);
      return false;
    }
  }

  /** If the answer to a put was lost and the SDK repeated it, the condition fails although the bytes are stored. */
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

/** Only the messages of our own errors are known to contain no address. */
function reasonOf(error: unknown): string {
  if (error instanceof NewsletterSyncError) return error.message;
  return nameOf(error);
}
