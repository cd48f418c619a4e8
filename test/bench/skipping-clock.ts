import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../functions/platform/clock.ts";

/** A clock whose waits take no time: they are skipped, and counted. The work between them takes its own time. */
export class SkippingClock implements Clock {
  #skippedMs = 0;

  now = (): number => Date.now() + this.#skippedMs;

  wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    const until = this.now() + ms;
    await nextTurn();
    signal.throwIfAborted();
    // Waits at the same time are one: the longest.
    this.#skippedMs += Math.max(0, until - this.now());
  };

  after = (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  };
}
