import type { Return } from "../../../domain/return.ts";
import { digestOf, type EntryFormat, keyWords, stampOf, textOfWord, timeOf, wordOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const weekMs = 7 * 24 * 3_600_000;

/**
 * How often runs of the last week told the database the same of an address: after its digest, a hash of that and a count.
 * What is told before the source has been read anew is told once, as the source cannot show what became of it.
 */
export class ReturnMemory {
  readonly #entries: EntryMemory;

  private constructor(entries: EntryMemory) {
    this.#entries = entries;
  }

  static async open(object: MemoryObject, now: Date): Promise<ReturnMemory> {
    const since = stampOf(now.getTime() - weekMs, 1);
    const format: EntryFormat = {
      size: 6,
      label: "returns 1",
      limit: 500_000,
      isKept: (stamp) => stamp > since,
    };
    return new ReturnMemory(await EntryMemory.open(object, format));
  }

  /** How often runs before this one told it. */
  timesTold(told: Return): number {
    return this.#find(told)?.times ?? 0;
  }

  /** @param at, sourceReadAt in ms since the epoch */
  record(told: Return, { at, sourceReadAt }: { readonly at: number; readonly sourceReadAt: number }): void {
    const { times, lastAt } = this.#find(told) ?? { times: 0, lastAt: Number.NEGATIVE_INFINITY };
    const count = sourceReadAt > lastAt ? times + 1 : times;
    const content = `${contentOf(told).slice(0, 4)}${textOfWord(count)}`;
    this.#entries.record(digestOf(told.address), stampOf(at, 1), content);
  }

  /** @returns whether anything was remembered of the address */
  forget(canonical: string): boolean {
    return this.#entries.forget(digestOf(canonical));
  }

  /** What was recorded was not given to the database after all. */
  discard(): void {
    this.#entries.discard();
  }

  save(): Promise<void> {
    return this.#entries.save();
  }

  #find(told: Return): { readonly times: number; readonly lastAt: number } | undefined {
    if (this.#entries.isEmpty) return undefined;
    const entry = this.#entries.find(digestOf(told.address));
    if (entry?.[keyWords] !== wordOf(contentOf(told), 0)) return undefined;
    return { times: entry[keyWords + 1]!, lastAt: timeOf(entry.at(-1)!) };
  }
}

function contentOf({ tells, cause, changedAt, fields }: Return): string {
  return digestOf(JSON.stringify([tells, cause, changedAt, fields]));
}
