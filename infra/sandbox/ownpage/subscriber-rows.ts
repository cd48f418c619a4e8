import type { Subscriber } from "./subscriber.ts";
import { syntheticNumber, syntheticSubscriber } from "./synthetic-subscriber.ts";

/**
 * The rows of a list by number, which is their place in the pages. The first `synthetic` ones are computed, so that
 * ten million of them take no memory; only rows that were written are stored.
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

  /** How many numbers have been given, those of deleted rows included. */
  get length(): number {
    return this.#length;
  }

  /** The row; undefined if it was deleted. */
  at(number: number): Subscriber | undefined {
    if (this.#written.has(number)) return this.#written.get(number);
    return number < this.#synthetic ? syntheticSubscriber(number) : undefined;
  }

  /** Addresses are compared exactly: another case is another subscriber. */
  numberOf(email: string): number | undefined {
    const number = syntheticNumber(email);
    return number !== undefined && number < this.#synthetic ? number : this.#numbers.get(email);
  }

  /** Adds the row after the last one, or in the place that its address already has. @returns its number */
  put(subscriber: Subscriber): number {
    const known = this.numberOf(subscriber.email);
    const number = known ?? this.#length++;
    if (known === undefined) this.#numbers.set(subscriber.email, number);
    this.#written.set(number, subscriber);
    return number;
  }

  /** The number remains reserved: an address that is added again gets its old place. */
  delete(number: number): void {
    this.#written.set(number, undefined);
  }
}
