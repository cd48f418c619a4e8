import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../functions/platform/clock.ts";

interface Occasion {
  readonly at: number;
  act: (() => void) | undefined;
}

/** Time that passes only when nothing is left to do, and then at once up to the next thing that happens. */
export class SimulatedTime implements Clock {
  #now: number;
  /** The latest first. */
  readonly #agenda: Occasion[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now = (): number => this.#now;

  after(ms: number, act: () => void): () => void {
    const occasion: Occasion = { at: this.#now + ms, act };
    const place = this.#agenda.findLastIndex(({ at }) => at > occasion.at) + 1;
    this.#agenda.splice(place, 0, occasion);
    return () => {
      occasion.act = undefined;
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

  /** Lets everything happen that is to happen. */
  async passAll(): Promise<void> {
    for (;;) {
      // What one occasion sets off is done before the next one. Nothing takes more than two turns: a body that has come is
      // parsed in the next one.
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      const occasion = this.#agenda.pop();
      if (occasion === undefined) return;
      if (occasion.act === undefined) continue;
      this.#now = occasion.at;
      occasion.act();
    }
  }
}
