/** Positions of records, four bytes each: millions of them are no burden. */
export class PositionList {
  #positions = new Uint32Array(1024);
  #length = 0;

  push(position: number): void {
    if (this.#length === this.#positions.length) {
      const larger = new Uint32Array(Math.ceil(1.5 * this.#length));
      larger.set(this.#positions);
      this.#positions = larger;
    }
    this.#positions[this.#length++] = position;
  }

  get length(): number {
    return this.#length;
  }

  /** In the order in which they were pushed. */
  [Symbol.iterator](): Iterator<number> {
    return this.#positions.subarray(0, this.#length)[Symbol.iterator]();
  }
}
