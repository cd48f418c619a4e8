import type { Subscriber } from "./subscriber.ts";
import { syntheticNumber, syntheticSubscriber } from "./synthetic-subscriber.ts";

/**
 * The rows of a list by number, which is their place in the pages. The first `synthetic` ones are computed,
 * so that ten million of them take no memory; only rows that were written are kept.
 */
export class SubscriberRows {
  readonly #synthetic: number;
  readonly #written = new Map<number, Subscriber | undefined>();
  readonly #numbers = new Map<string, number>();
  #length: number;

  constructor(synthetic: number) {
    this.#synthetic = synthetic;
    this.#length = synthetic;
  }

  /** Numbers given so far, those of deleted rows included. */
  get length(): number {
    return this.#length;
  }

  /** The row, or undefined when it was deleted. */
  at(number: number): Subscriber | undefined {
    if (this.#written.has(number)) return this.#written.get(number);
    return number < this.#synthetic ? syntheticSubscriber(number) : undefined;
  }

  /** An address is its exact spelling: another case is another subscriber. */
  numberOf(email: string): number | undefined {
    const number = syntheticNumber(email);
    return number !== undefined && number < this.#synthetic ? number : this.#numbers.get(email);
  }

  /** Adds the row after the last one, or puts it in the place its address already has. Returns its number. */
  put(subscriber: Subscriber): number {
    const known = this.numberOf(subscriber.email);
    const number = known ?? this.#length++;
    if (known === undefined) this.#numbers.set(subscriber.email, number);
    this.#written.set(number, subscriber);
    return number;
  }

  /** The number stays its address's: who comes back stands in the same place. */
  delete(number: number): void {
    this.#written.set(number, undefined);
  }
}
