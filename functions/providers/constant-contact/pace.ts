import type { Clock } from "../../platform/clock.ts";

const pauseMs = 1_000;

export interface PaceOptions {
  readonly perSecond: number;
  readonly clock: Clock;
  /** From 0 to 1, so that those who were throttled together do not come back together. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Gives requests their turn, evenly: a burst would arrive together with what was delayed on its way. */
export class Pace {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #intervalMs: number;
  #next = 0;

  constructor({ perSecond, clock, random = Math.random }: PaceOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#intervalMs = 1_000 / perSecond;
  }

  /** Waits for the turn of one request. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#intervalMs;
    if (at > now) await this.#clock.wait(at - now, signal);
  }

  /** Gives no turn for a second and up to one more, as when there were too many requests. */
  pause(): void {
    this.#next = Math.max(this.#next, this.#clock.now() + pauseMs * (1 + this.#random()));
  }
}
