import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../functions/platform/clock.ts";

interface Timer {
  readonly at: number;
  act: (() => void) | undefined;
}

/** Time that passes only when nothing is left to do, and then jumps to the next timer. */
export class SimulatedTime implements Clock {
  #now: number;
  /** The latest first. */
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now = (): number => this.#now;

  after(ms: number, act: () => void): () => void {
    const timer: Timer = { at: this.#now + ms, act };
    const place = this.#timers.findLastIndex(({ at }) => at > timer.at) + 1;
    this.#timers.splice(place, 0, timer);
    return () => {
      timer.act = undefined;
    };
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Lets time pass until no timer is left. */
  async passAll(): Promise<void> {
    for (;;) {
      // Whatever one timer sets off is finished before the next one fires. Nothing takes more than two turns: a body
      // is parsed in the turn after it arrives.
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      let timer = this.#timers.pop();
      while (timer !== undefined && timer.act === undefined) timer = this.#timers.pop();
      if (timer?.act === undefined) return;
      this.#now = timer.at;
      timer.act();
    }
  }
}
