import { setTimeout as sleep } from "node:timers/promises";

/** What time it is, and how to wait: time itself, unless a test makes its own. */
export interface Clock {
  /** In ms since the epoch. */
  now(): number;
  /** Rejects with the signal's reason as its cause when that fires. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
  /** Acts once so many ms have passed, unless what it returns is called before. */
  after(ms: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
