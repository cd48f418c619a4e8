import type { Delivery } from "../platform/queue/queue.ts";

/** A message of the queue, and what has become of it: it goes back into the queue unless it is done. */
export class QueuedMessage {
  readonly delivery: Delivery;
  #isDone = false;
  #waitSeconds: number | undefined;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** It need not be given out again. */
  finish(): void {
    this.#isDone = true;
  }

  /**
   * It is to be given out again after this time.
   *
   * @param options.growing whether it is to be longer after many deliveries, as they are numbered
   */
  waitFor(seconds: number, { growing = false } = {}): void {
    this.#waitSeconds = growing ? Math.max(seconds, this.#growingSeconds) : seconds;
  }

  /** Grows with each delivery if nothing tells how long it will take. */
  get waitSeconds(): number {
    return this.#waitSeconds ?? this.#growingSeconds;
  }

  get #growingSeconds(): number {
    return Math.min(waits.most, waits.first * 2 ** Math.min(this.delivery.receives - 1, 10));
  }
}

/** In seconds. With the queue's 100 deliveries, a message is tried for four days. */
const waits = { first: 30, most: 3600 };
