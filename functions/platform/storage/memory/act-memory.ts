import type { Act, Remembered } from "../../../domain/remembered.ts";
import { digestOf, type EntryFormat, flagOf, stampOf, timeOf } from "./entry.ts";
import { EntryMemory } from "./entry-memory.ts";
import type { MemoryObject } from "./memory-object.ts";

const hourMs = 3_600_000;

/** A push may come as late after a sync, and has to tell what that did from what the reader did. */
const leastHours = 24;

/** Indexed by the flag of a stamp. */
const kinds = ["unsubscribed", "subscribed"] as const;

/** Its entry tells when earlier ones were lost. No address is hashed to it. */
const lossKey = digestOf("lost");

/**
 * What runs of ours did last to an address. Subscriptions are forgotten after `graceHours` or a day, when they no longer explain
 * anything; of the unsubscriptions the newest million are remembered.
 */
export class ActMemory implements Required<Pick<Remembered, "lastActOn" | "actsKnownSince">> {
  readonly #entries: EntryMemory;
  readonly actsKnownSince: number;

  private constructor(entries: EntryMemory, now: Date) {
    this.#entries = entries;
    if (entries.isUnknown) entries.record(lossKey, stampOf(now.getTime(), 0));
    const lostAt = entries.find(lossKey)?.at(-1);
    const known = lostAt === undefined ? Number.NEGATIVE_INFINITY : timeOf(lostAt);
    this.actsKnownSince = entries.isUnknown ? Number.POSITIVE_INFINITY : known;
  }

  static async open(
    object: MemoryObject,
    { now, graceHours }: { now: Date; graceHours: number },
  ): Promise<ActMemory> {
    const subscribedSince = stampOf(now.getTime() - Math.max(graceHours, leastHours) * hourMs, 1);
    const format: EntryFormat = {
      size: 4,
      label: "acts 1",
      limit: 1_000_000,
      isKept: (stamp) => kinds[flagOf(stamp)] === "unsubscribed" || stamp >= subscribedSince,
    };
    return new ActMemory(await EntryMemory.open(object, format), now);
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

  /** @returns whether anything was remembered of the address */
  forget(canonical: string): boolean {
    return this.#entries.forget(digestOf(canonical));
  }

  save(): Promise<void> {
    return this.#entries.save();
  }
}
