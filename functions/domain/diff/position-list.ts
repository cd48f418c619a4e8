import type { Position } from "./record-arena.ts";

/** Positions of records at four bytes each, so a list can hold millions. */
export class PositionList implements Iterable<Position> {
  #positions = new Uint32Array(1024);
  #length = 0;

  push(position: Position): void {
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
  [Symbol.iterator](): Iterator<Position> {
    return this.range(0, this.#length)[Symbol.iterator]();
  }

  /** Those from the place `start` on, up to but not including `end`; both from 0. */
  range(start: number, end: number): Iterable<Position> {
    return this.#positions.subarray(
      start,
      Math.min(end, this.#length),
    ) as Iterable<number> as Iterable<Position>;
  }
}
