import type { Branded } from "../branded.ts";
import type { Hash } from "../records/text-cursor.ts";
import type { Position } from "./record-arena.ts";

/** A slot of one {@link HashSlots}; valid until the next `add`. */
export type Slot = Branded<number, "Slot">;

/** No slot. */
export const noSlot = -1 as Slot;

/**
 * An open-addressing hash table of positions with linear probing; a position of 0 is a free slot. The caller hashes
 * and compares the keys: the table finds the candidates. A slot is a position and its hash side by side, eight bytes
 * in one cache line. At most 70 % of the slots are taken.
 */
export class HashSlots {
  #slots: Uint32Array;
  #capacity: number;
  #taken = 0;

  /** @param expected how many positions to make room for at first */
  constructor(expected: number) {
    this.#capacity = capacityFor(expected);
    this.#slots = new Uint32Array(2 * this.#capacity);
  }

  /** How many positions were added. */
  get taken(): number {
    return this.#taken;
  }

  /** The first slot of this hash, or `noSlot`. */
  first(hash: Hash): Slot {
    return this.#find(this.#home(hash), hash);
  }

  /** The next slot of this hash after `slot`, or `noSlot`. */
  after(slot: Slot, hash: Hash): Slot {
    return this.#find(this.#next(slot), hash);
  }

  at(slot: Slot): Position {
    return this.#slots[2 * slot] as Position;
  }

  add(hash: Hash, position: Position): void {
    if (this.#taken + 1 > this.#capacity * 0.7) this.#grow();
    this.#place(hash, position);
    this.#taken++;
  }

  /** Puts another position with the same hash into a slot. */
  replace(slot: Slot, position: Position): void {
    this.#slots[2 * slot] = position;
  }

  #find(start: number, hash: Hash): Slot {
    const slots = this.#slots;
    let slot = start;
    while (slots[2 * slot] !== 0) {
      if (slots[2 * slot + 1] === hash) return slot as Slot;
      slot = this.#next(slot);
    }
    return noSlot;
  }

  #home(hash: number): number {
    return Math.floor((hash / 0x1_0000_0000) * this.#capacity);
  }

  #next(slot: number): number {
    return slot + 1 === this.#capacity ? 0 : slot + 1;
  }

  #place(hash: number, position: number): void {
    let slot = this.#home(hash);
    while (this.#slots[2 * slot] !== 0) slot = this.#next(slot);
    this.#slots[2 * slot] = position;
    this.#slots[2 * slot + 1] = hash;
  }

  #grow(): void {
    const before = this.#slots;
    this.#capacity = capacityFor(this.#taken * 1.5);
    this.#slots = new Uint32Array(2 * this.#capacity);
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] !== 0) this.#place(before[at + 1]!, before[at]!);
    }
  }
}

function capacityFor(expected: number): number {
  return Math.max(256, Math.ceil(expected / 0.65));
}
