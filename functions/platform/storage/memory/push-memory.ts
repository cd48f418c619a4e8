import { digestOf, type EntryFormat, keyWords, stampOf, textOfWord, timeOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

/** Longer than a message waits in the queue and in its dead letters. */
const keptMs = 30 * 24 * 3_600_000;

const kinds = ["unsubscribed", "subscribed"] as const;

/** What a push did to an address, or found done. */
export interface Push {
  readonly kind: (typeof kinds)[number];
  /** When the provider did it, in ms since the epoch, rounded down to the minute; of what was found done, `saidAt`. */
  readonly at: number;
  /** When the reader had said so, in ms since the epoch. */
  readonly saidAt: number;
}

/**
 * What pushes did last to an address, in each direction. The provider dates a change when it is made, and a message may
 * have waited for days by then: this tells when the reader spoke.
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
      label: "pushes 2",
      limit: 250_000,
      isKept: (stamp) => stamp > since,
    };
    return new PushMemory(await EntryMemory.open(object, format));
  }

  lastPushOn(canonical: string, kind: Push["kind"]): Push | undefined {
    if (this.#entries.isEmpty) return undefined;
    const entry = this.#entries.find(keyOf(canonical, kind));
    if (entry === undefined) return undefined;
    const saidAt = entry[keyWords]! + entry[keyWords + 1]! * 2 ** 32;
    return { kind, at: timeOf(entry.at(-1)!), saidAt };
  }

  record(canonical: string, { kind, at, saidAt }: Push): void {
    const content = textOfWord(saidAt % 2 ** 32) + textOfWord(Math.floor(saidAt / 2 ** 32));
    this.#entries.record(keyOf(canonical, kind), stampOf(at, kind === "subscribed" ? 1 : 0), content);
  }

  /** @returns whether anything was remembered of the address */
  forget(canonical: string): boolean {
    return kinds.filter((kind) => this.#entries.forget(keyOf(canonical, kind))).length > 0;
  }

  save(): Promise<void> {
    return this.#entries.save();
  }
}

function keyOf(canonical: string, kind: Push["kind"]): string {
  return digestOf(`${kind} ${canonical}`);
}
