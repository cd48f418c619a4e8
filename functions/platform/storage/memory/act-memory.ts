import type { Act, Remembered } from "../../../domain/remembered.ts";
import { digestOf, type EntryFormat, flagOf, stampOf, timeOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const hourMs = 3_600_000;

/** Indexed by the flag of a stamp. */
const kinds = ["unsubscribed", "subscribed"] as const;

/**
 * What runs of ours did last to an address. Subscriptions are forgotten after `graceHours`, when they no longer explain
 * anything; of the unsubscriptions the newest million are remembered.
 */
export class ActMemory implements Pick<Remembered, "lastActOn"> {
  readonly #entries: EntryMemory;

  private constructor(entries: EntryMemory) {
    this.#entries = entries;
  }

  static async open(
    object: MemoryObject,
    { now, graceHours }: { now: Date; graceHours: number },
  ): Promise<ActMemory> {
    const subscribedSince = stampOf(now.getTime() - graceHours * hourMs, 1);
    const format: EntryFormat = {
      size: 4,
      label: "acts 1",
      limit: 1_000_000,
      isKept: (stamp) => kinds[flagOf(stamp)] === "unsubscribed" || stamp >= subscribedSince,
    };
    return new ActMemory(await EntryMemory.open(object, format));
  }

  lastActOn(canonical: string): Act | undefined {
    if (this.#entries.isEmpty) return undefined;
    const stamp = this.#entries.find(digestOf(canonical))?.at(-1);
    return stamp === undefined ? undefined : { kind: kinds[flagOf(stamp)]!, at: timeOf(stamp) };
  }

  /** @param at in ms since the epoch */
  record(canonical: string, kind: Act["kind"], at: number): void {
    this.#entries.record(digestOf(canonical), stampOf(at, kind === "subscribed" ? 1 : 0));
  }

  save(): Promise<void> {
    return this.#entries.save();
  }
}
