import { historyKey } from "../object-keys.ts";
import type { ObjectStore, StoredObject } from "../object-store.ts";

/** A block of more readers than fit into this gets an object of its own, which no later run has to read. */
const ownObjectBytes = 1 << 18;
/** Nor does any run extend an object that is longer than this. */
const mostSharedBytes = 1 << 22;
const maxAttempts = 3;

interface DayHistoryOptions {
  readonly store: ObjectStore;
  readonly list: string;
  readonly run: { readonly id: string; readonly startedAt: Date };
}

/** The history of the day on which a run began: an object to which the list's runs append their blocks. */
export class DayHistory {
  readonly #options: DayHistoryOptions;
  /** As it was written last. */
  #standing: StoredObject | undefined;
  #ownObjects = 0;

  constructor(options: DayHistoryOptions) {
    this.#options = options;
  }

  async append(block: Uint8Array): Promise<void> {
    const { store, list, run } = this.#options;
    const day = run.startedAt.toISOString().slice(0, 10);
    if (block.length <= ownObjectBytes && (await this.#share(historyKey(list, day), block))) return;
    await store.put(historyKey(list, day, `${run.id}-${++this.#ownObjects}`), block);
  }

  /** @returns whether the block is in the day's object; it is not if that is long, or if others write it each time */
  async #share(key: string, block: Uint8Array): Promise<boolean> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const standing = this.#standing ?? (await store.get(key));
      if (standing !== undefined && standing.bytes.length > mostSharedBytes) return false;
      // The answer to a put may have been lost, and the put repeated.
      if (standing !== undefined && endsWith(standing.bytes, block)) return true;
      const bytes = Buffer.concat([standing?.bytes ?? new Uint8Array(), block]);
      const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
      const etag = await store.put(key, bytes, condition);
      this.#standing = etag === undefined ? undefined : { bytes, etag };
      if (etag !== undefined) return true;
    }
    return false;
  }
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(-end.length), end) === 0;
}
