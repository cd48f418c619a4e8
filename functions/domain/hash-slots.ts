/**
 * An open-addressing table of 32-bit positions (0 is free) with linear probing. The caller hashes and
 * compares; the table tells which positions may be the one, by eight bits of the hash that it keeps beside
 * each. Five bytes a slot, at most 70 % of them taken.
 */
export class HashSlots {
  #positions: Uint32Array;
  #tags: Uint8Array;
  #taken = 0;

  /** @param expected how many positions to make room for at once; more may come */
  constructor(expected: number) {
    const capacity = capacityFor(expected);
    this.#positions = new Uint32Array(capacity);
    this.#tags = new Uint8Array(capacity);
  }

  /** The first slot that may hold what has this hash; -1 if none does. */
  first(hash: number): number {
    return this.#from(this.#home(hash), hash);
  }

  /** The next such slot after `slot`; -1 if there is none. */
  after(slot: number, hash: number): number {
    return this.#from(this.#next(slot), hash);
  }

  /** The position that a slot holds. */
  at(slot: number): number {
    return this.#positions[slot]!;
  }

  /** Adds a position; `hashOf` is asked again for every position when the table grows. */
  add(hash: number, position: number, hashOf: (position: number) => number): void {
    if (this.#taken + 1 > this.#positions.length * 0.7) this.#grow(hashOf);
    this.#place(hash, position);
    this.#taken++;
  }

  #from(start: number, hash: number): number {
    const tag = hash & 0xff;
    let slot = start;
    while (this.#positions[slot] !== 0) {
      if (this.#tags[slot] === tag) return slot;
      slot = this.#next(slot);
    }
    return -1;
  }

  #home(hash: number): number {
    return Math.floor((hash / 0x1_0000_0000) * this.#positions.length);
  }

  #next(slot: number): number {
    return slot + 1 === this.#positions.length ? 0 : slot + 1;
  }

  #place(hash: number, position: number): void {
    let slot = this.#home(hash);
    while (this.#positions[slot] !== 0) slot = this.#next(slot);
    this.#positions[slot] = position;
    this.#tags[slot] = hash & 0xff;
  }

  #grow(hashOf: (position: number) => number): void {
    const before = this.#positions;
    const capacity = capacityFor(this.#taken * 2);
    this.#positions = new Uint32Array(capacity);
    this.#tags = new Uint8Array(capacity);
    for (const position of before) {
      if (position !== 0) this.#place(hashOf(position), position);
    }
  }
}

function capacityFor(expected: number): number {
  return Math.max(256, Math.ceil(expected / 0.6));
}
