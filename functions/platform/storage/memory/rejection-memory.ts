import type { RejectedRow } from "../../../domain/quarantined-row.ts";
import { digestOf, type EntryFormat, keyWords, stampOf, textOfWord, timeOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const dayMs = 24 * 3_600_000;
/** As long as the quarantine keeps its rows. */
const keptMs = 90 * dayMs;
/** How many different rows are remembered. In a run that meets more, the others are new. */
const mostRows = 100_000;

/** What makes two rows of the source the same: where they stand does not. */
export type SeenRow = Pick<RejectedRow, "email" | "reason" | "guid">;

/**
 * Rows of the source that runs have set aside, and how often the last of these runs met each: two without an address may be
 * alike, and a third one is new. A row counts as new if no run before this one has set as many alike aside.
 */
export class RejectionMemory {
  readonly #entries: EntryMemory;
  readonly #now: number;
  readonly #seen = new Map<string, number>();
  #newRows = 0;

  private constructor(entries: EntryMemory, now: number) {
    this.#entries = entries;
    this.#now = now;
  }

  static async open(object: MemoryObject, now: Date): Promise<RejectionMemory> {
    const since = stampOf(now.getTime() - keptMs, 1);
    const format: EntryFormat = {
      size: 5,
      label: "rejections 1",
      limit: mostRows,
      isKept: (stamp) => stamp > since,
    };
    return new RejectionMemory(await EntryMemory.open(object, format), now.getTime());
  }

  /** How many of the rows that this run has met are new. */
  get newRows(): number {
    return this.#newRows;
  }

  see(row: SeenRow): void {
    const key = keyOf(row);
    const times = (this.#seen.get(key) ?? 0) + 1;
    if (times > this.#before(key).times) this.#newRows++;
    if (times > 1 || this.#seen.size < mostRows) this.#seen.set(key, times);
  }

  /** Forgets what this run has met: it reads the source again. */
  restart(): void {
    this.#seen.clear();
    this.#newRows = 0;
  }

  /** @param email as the source spells it. @returns whether a row of it was remembered */
  forget(email: string): boolean {
    return this.#entries.forgetAll(digestOf(email));
  }

  /** Writes once a day at most while the rows stay the same. */
  async save(): Promise<void> {
    for (const [key, times] of this.#seen) {
      const before = this.#before(key);
      if (before.times === times && before.at > this.#now - dayMs) continue;
      this.#entries.record(key, stampOf(this.#now, 1), textOfWord(times));
    }
    await this.#entries.save();
  }

  #before(key: string): { readonly times: number; readonly at: number } {
    const entry = this.#entries.isEmpty ? undefined : this.#entries.find(key);
    return { times: entry?.[keyWords] ?? 0, at: timeOf(entry?.at(-1) ?? 0) };
  }
}

/** It begins with the address alone, by which all entries of a reader are found. */
function keyOf({ email, guid, reason }: SeenRow): string {
  return digestOf(email).slice(0, 8) + digestOf(JSON.stringify([guid, reason])).slice(0, 4);
}
