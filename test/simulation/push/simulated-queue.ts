import type { Delivery, Queue } from "../../../functions/platform/queue/queue.ts";
import type { Chance } from "../chance.ts";
import type { Invocation } from "../invocation.ts";
import type { SimulatedTime } from "../simulated-time.ts";

interface Message {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  receives: number;
  /** Until when it is not given out again, in ms since the epoch. */
  hiddenUntil: number;
  /** Of the delivery that may still take it out. */
  receipt: string;
}

const visibilityMs = 6 * 60_000;
const mostAtOnce = 10;

/** A queue that keeps the order of each group, and gives out again whatever is not taken out in time. */
export class SimulatedQueue {
  failureRate = 0;
  #messages: Message[] = [];
  #sent = 0;
  #deliveries = 0;
  readonly #chance: Chance;
  readonly #time: SimulatedTime;

  constructor(chance: Chance, time: SimulatedTime) {
    this.#chance = chance;
    this.#time = time;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** The most often that a message still in the queue was given out. */
  get mostReceives(): number {
    return Math.max(0, ...this.#messages.map(({ receives }) => receives));
  }

  send(group: string, message: object): void {
    const body = JSON.stringify(message);
    this.#messages.push({ id: `m${++this.#sent}`, body, group, receives: 0, hiddenUntil: 0, receipt: "" });
  }

  /** Whether the queue would give out anything now. */
  receive(): Delivery[] {
    const now = this.#time.now();
    const locked = new Set(
      this.#messages.filter(({ hiddenUntil }) => hiddenUntil > now).map(({ group }) => group),
    );
    const given = this.#messages.filter(({ group }) => !locked.has(group)).slice(0, mostAtOnce);
    return given.map((message) => {
      message.receives++;
      message.hiddenUntil = now + visibilityMs;
      message.receipt = `delivery-${++this.#deliveries}`;
      const { id, body, group, receives, receipt } = message;
      return { id, body, group, receives, receipt };
    });
  }

  remove(deliveries: readonly Delivery[]): void {
    const receipts = new Set(deliveries.map(({ receipt }) => receipt));
    this.#messages = this.#messages.filter(({ receipt }) => !receipts.has(receipt));
  }

  /** As an invocation sees it, for whom any call may fail. */
  seenBy(invocation: Invocation): Queue {
    const call = async <Result>(work: () => Result): Promise<Result> => {
      await invocation.step();
      await this.#time.wait(this.#chance.between(2, 20));
      await invocation.step();
      if (this.#chance.happens(this.failureRate)) throw new Error("SQS does not answer");
      return work();
    };
    return {
      receive: () => call(() => this.receive()),
      remove: (deliveries) => call(() => this.remove(deliveries)),
      postpone: (waits) =>
        call(() => {
          for (const { delivery, seconds } of waits) {
            const message = this.#messages.find(({ receipt }) => receipt === delivery.receipt);
            if (message !== undefined) message.hiddenUntil = this.#time.now() + 1000 * seconds;
          }
        }).catch(() => undefined),
    };
  }
}
