import { addAbortListener } from "node:events";
import type { Clock } from "../../platform/clock.ts";

const longestMs = 5_000;

interface Grace extends Disposable {
  /** Fires some seconds after the run's signal, with the same reason. */
  readonly signal: AbortSignal;
}

/**
 * Lets what has begun come to its end although the run's time is up, for half of the time that is left before the function
 * is ended, and five seconds at most.
 */
export function graceAfter(
  signal: AbortSignal,
  { clock, deadline = Number.POSITIVE_INFINITY }: { clock: Clock; deadline: number | undefined },
): Grace {
  const late = new AbortController();
  let endTimer: (() => void) | undefined;
  const listener = addAbortListener(signal, () => {
    const ms = Math.min(longestMs, Math.max(0, deadline - clock.now()) / 2);
    endTimer = clock.after(ms, () => late.abort(signal.reason));
  });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      endTimer?.();
    },
  };
}
