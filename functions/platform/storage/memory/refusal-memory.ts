import { canonicalEmail } from "../../../domain/email.ts";
import type { Change } from "../../../domain/plan.ts";
import type { Remembered } from "../../../domain/remembered.ts";
import { digestOf, type EntryFormat, forgotten, keyWords, stampOf, wordOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const weekMs = 7 * 24 * 3_600_000;

/** Rows that the provider refused within the last week: the last one of each address, with a hash of its content. */
export class RefusalMemory implements Pick<Required<Remembered>, "wasRefused"> {
  readonly #entries: EntryMemory;

  private constructor(entries: EntryMemory) {
    this.#entries = entries;
  }

  static async open(object: MemoryObject, now: Date): Promise<RefusalMemory> {
    const since = stampOf(now.getTime() - weekMs, 1);
    const format: EntryFormat = {
      size: 6,
      label: "refusals 1",
      // At 24 bytes an entry, a million would take more than 40 MB while they are merged.
      limit: 500_000,
      isKept: (stamp) => stamp > since,
    };
    return new RefusalMemory(await EntryMemory.open(object, format));
  }

  /** Whether there was nothing to remember when the memory was opened. */
  get isEmpty(): boolean {
    return this.#entries.isEmpty;
  }

  wasRefused(change: Change): boolean {
    if (this.#entries.isEmpty) return false;
    const entry = this.#entries.find(keyOf(change));
    if (entry === undefined) return false;
    const content = contentOf(change);
    return entry[keyWords] === wordOf(content, 0) && entry[keyWords + 1] === wordOf(content, 1);
  }

  /**
   * Replaces an earlier refusal of the address. The same row keeps the time of its first refusal, so that its week ends
   * even if it is sent and refused every hour.
   *
   * @param at in ms since the epoch
   */
  record(change: Change, at: number): void {
    if (this.wasRefused(change)) return;
    this.#entries.record(keyOf(change), stampOf(at, 1), contentOf(change));
  }

  /** Called when the provider accepted a row of this address. Cheap for addresses without a refusal. */
  forget(change: Change): void {
    if (this.#entries.isEmpty) return;
    const key = keyOf(change);
    if (this.#entries.find(key) !== undefined) this.#entries.record(key, forgotten);
  }

  save(): Promise<void> {
    return this.#entries.save();
  }
}

function keyOf(change: Change): string {
  return digestOf(canonicalEmail(change.email));
}

/** Two changes of different kinds have the same content if they send the same status and fields. */
function contentOf(change: Change): string {
  const status = change.kind === "unsubscribe" ? change.cause : "subscribed";
  const fields = change.kind === "unsubscribe" ? {} : change.fields;
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([change.email, status, sorted]));
}
