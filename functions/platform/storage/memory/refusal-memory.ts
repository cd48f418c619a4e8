import type { Change } from "../../../domain/plan.ts";
import type { Remembered } from "../../../domain/remembered.ts";
import { digestOf, type EntryFormat, flagOf, keyWords, stampOf, timeOf, wordOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** Longer than a refusal holds, and than a list that is synced once a week needs to meet the same row again. */
const keptMs = 2 * weekMs;
/** Nightly runs do not reach a row at the same minute of the day. */
const aboutADayMs = 20 * hourMs;

const flags = { failed: 0, refused: 1 } as const;

/**
 * Rows that the provider refused or, when they were sent alone, failed at: the last one of each address, with a hash of its
 * content. A refusal holds for a week.
 */
export class RefusalMemory implements Pick<Required<Remembered>, "wasRefused"> {
  readonly #entries: EntryMemory;
  readonly #now: number;

  private constructor(entries: EntryMemory, now: number) {
    this.#entries = entries;
    this.#now = now;
  }

  static async open(object: MemoryObject, now: Date): Promise<RefusalMemory> {
    const since = stampOf(now.getTime() - keptMs, 1);
    const format: EntryFormat = {
      size: 6,
      label: "refusals 1",
      // At 24 bytes an entry, a million would take more than 40 MB while they are merged. Failures are few.
      limit: 500_000,
      isKept: (stamp) => stamp > since,
    };
    return new RefusalMemory(await EntryMemory.open(object, format), now.getTime());
  }

  /** Whether there was nothing to remember when the memory was opened. */
  get isEmpty(): boolean {
    return this.#entries.isEmpty;
  }

  wasRefused(change: Change): boolean {
    const stamp = this.#stampOf(change);
    if (stamp === undefined || flagOf(stamp) !== flags.refused) return false;
    return stamp > stampOf(this.#now - weekMs, flags.refused);
  }

  /** Whether the provider failed at the same row about a day before the memory was opened, or earlier, or refused it then. */
  hasFailedForADay(change: Change): boolean {
    const stamp = this.#stampOf(change);
    return stamp !== undefined && timeOf(stamp) <= this.#now - aboutADayMs;
  }

  /**
   * Replaces an earlier refusal of the address. The same row keeps the time of its first refusal, so that its week ends
   * even if it is sent and refused every hour.
   *
   * @param at in ms since the epoch
   */
  record(change: Change, at: number): void {
    if (this.wasRefused(change)) return;
    this.#entries.record(keyOf(change), stampOf(at, flags.refused), contentOf(change));
  }

  /**
   * Remembers that the provider failed at a row that was sent alone. The same row keeps the time of the first failure.
   *
   * @param at in ms since the epoch
   */
  recordFailure(change: Change, at: number): void {
    if (this.#stampOf(change) !== undefined) return;
    this.#entries.record(keyOf(change), stampOf(at, flags.failed), contentOf(change));
  }

  /** Called when the provider accepted a row of this address. Cheap for addresses of which nothing is remembered. */
  forget(change: Change): void {
    if (!this.#entries.isEmpty) this.#entries.forget(keyOf(change));
  }

  /** @param email as it was sent. @returns whether anything was remembered of it */
  forgetAddress(email: string): boolean {
    return this.#entries.forget(digestOf(email));
  }

  save(): Promise<void> {
    return this.#entries.save();
  }

  /** When the same row was refused, or first failed; undefined if it did not. */
  #stampOf(change: Change): number | undefined {
    if (this.#entries.isEmpty) return undefined;
    const entry = this.#entries.find(keyOf(change));
    if (entry === undefined) return undefined;
    const content = contentOf(change);
    const isSame = entry[keyWords] === wordOf(content, 0) && entry[keyWords + 1] === wordOf(content, 1);
    return isSame ? entry.at(-1) : undefined;
  }
}

/** As it is sent: the provider may have the address in two spellings, and take neither. */
function keyOf(change: Change): string {
  return digestOf(change.email);
}

/** Two changes of different kinds have the same content if they send the same status and fields. */
function contentOf(change: Change): string {
  const status = change.kind === "unsubscribe" ? change.cause : "subscribed";
  const fields = change.kind === "unsubscribe" ? {} : change.fields;
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([change.email, status, sorted]));
}
