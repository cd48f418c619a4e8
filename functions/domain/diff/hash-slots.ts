/**
 * An open-addressing table of 32-bit positions (0 is free) with linear probing. The caller hashes and
 * compares; the table tells which positions may be the one. Each slot is a position and its hash side by
 * side, eight bytes in one line of the processor's cache; at most 70 % of the slots are taken.
 */
export class HashSlots {
  #slots: Uint32Array;
  #capacity: number;
  /** How many positions were added. */
  taken = 0;

  /** @param expected how many positions to make room for at once; more may come */
  constructor(expected: number) {
    this.#capacity = capacityFor(expected);
    this.#slots = new Uint32Array(2 * this.#capacity);
  }

  /** The first slot that holds a position of this hash; -1 if none does. */
  first(hash: number): number {
    return this.#from(this.#home(hash), hash);
  }

  /** The next such slot after `slot`; -1 if there is none. */
  after(slot: number, hash: number): number {
    return this.#from(this.#next(slot), hash);
  }

  /** The position that a slot holds. */
  at(slot: number): number {
    return this.#slots[2 * slot]!;
  }

  add(hash: number, position: number): void {
    if (this.taken + 1 > this.#capacity * 0.7) this.#grow();
    this.#place(hash, position);
    this.taken++;
  }

  /** Puts another position of the same hash into a slot. */
  replace(slot: number, position: number): void {
    this.#slots[2 * slot] = position;
  }

  #from(start: number, hash: number): number {
    const slots = this.#slots;
    let slot = start;
    while (slots[2 * slot] !== 0) {
      if (slots[2 * slot + 1] === hash) return slot;
      slot = this.#next(slot);
    }
    return -1;
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
    this.#capacity = capacityFor(this.taken * 1.5);
    this.#slots = new Uint32Array(2 * this.#capacity);
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] !== 0) this.#place(before[at + 1]!, before[at]!);
    }
  }
}

function capacityFor(expected: number): number {
  return Math.max(256, Math.ceil(expected / 0.65));
}
