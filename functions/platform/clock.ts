import { setTimeout as sleep } from "node:timers/promises";

/** The current time, waits and timers. Tests pass in a clock of their own. */
export interface Clock {
  /** In ms since the epoch. */
  now(): number;
  /** When the signal fires, rejects with an error whose cause is the signal's reason. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
  /** Runs `act` after this delay. @returns a function that cancels it */
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
