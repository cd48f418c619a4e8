import { digestOf, type EntryFormat, flagOf, keyWords, stampOf, textOfWord, timeOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

/** Longer than a message waits in the queue and in its dead letters. */
const keptMs = 30 * 24 * 3_600_000;

/** Indexed by the flag of a stamp. */
const kinds = ["unsubscribed", "subscribed"] as const;

/** What a push did to an address. */
export interface Push {
  readonly kind: (typeof kinds)[number];
  /** When the provider did it, in ms since the epoch, rounded down to the minute. */
  readonly at: number;
  /** When the reader had said so, in ms since the epoch. */
  readonly saidAt: number;
}

/**
 * What pushes did last to an address. The provider dates a change when it is made, and a message may have waited for days by
 * then: this tells when the reader spoke.
 */
export class PushMemory {
  readonly #entries: EntryMemory;

  private constructor(entries: EntryMemory) {
    this.#entries = entries;
  }

  static async open(object: MemoryObject, now: Date): Promise<PushMemory> {
    const since = stampOf(now.getTime() - keptMs, 0);
    const format: EntryFormat = {
      size: 6,
      label: "pushes 1",
      limit: 250_000,
      isKept: (stamp) => stamp > since,
    };
    return new PushMemory(await EntryMemory.open(object, format));
  }

  lastPushOn(canonical: string): Push | undefined {
    if (this.#entries.isEmpty) return undefined;
    const entry = this.#entries.find(digestOf(canonical));
    if (entry === undefined) return undefined;
    const stamp = entry.at(-1)!;
    const saidAt = entry[keyWords]! + entry[keyWords + 1]! * 2 ** 32;
    return { kind: kinds[flagOf(stamp)]!, at: timeOf(stamp), saidAt };
  }

  record(canonical: string, { kind, at, saidAt }: Push): void {
    const content = textOfWord(saidAt % 2 ** 32) + textOfWord(Math.floor(saidAt / 2 ** 32));
    this.#entries.record(digestOf(canonical), stampOf(at, kind === "subscribed" ? 1 : 0), content);
  }

  /** @returns whether anything was remembered of the address */
  forget(canonical: string): boolean {
    return this.#entries.forget(digestOf(canonical));
  }

  save(): Promise<void> {
    return this.#entries.save();
  }
}
