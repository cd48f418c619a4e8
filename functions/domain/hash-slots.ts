/**
 * An open-addressing table of 32-bit positions (0 is free) with linear probing: the caller hashes and
 * compares, the table only knows where to look next. Four bytes a slot, at most 70 % of them taken.
 */
export class HashSlots {
  #slots: Uint32Array;
  #taken = 0;

  constructor(expected: number) {
    this.#slots = new Uint32Array(capacityFor(expected));
  }

  /** The slot at which the search for a hash begins. */
  home(hash: number): number {
    return Math.floor((hash / 0x1_0000_0000) * this.#slots.length);
  }

  next(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }

  /** The position in a slot; 0 ends a search. */
  at(slot: number): number {
    return this.#slots[slot]!;
  }

  /** Takes the first free slot for a position; `hashOf` is asked again for every position when the table grows. */
  add(hash: number, position: number, hashOf: (position: number) => number): void {
    if (this.#taken + 1 > this.#slots.length * 0.7) this.#grow(hashOf);
    this.#place(hash, position);
    this.#taken++;
  }

  #place(hash: number, position: number): void {
    let slot = this.home(hash);
    while (this.#slots[slot] !== 0) slot = this.next(slot);
    this.#slots[slot] = position;
  }

  #grow(hashOf: (position: number) => number): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(capacityFor(this.#taken * 2));
    for (const position of before) {
      if (position !== 0) this.#place(hashOf(position), position);
    }
  }
}

function capacityFor(expected: number): number {
  return Math.max(1024, Math.ceil(expected / 0.6));
}
