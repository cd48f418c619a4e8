import { OutOfTimeError } from "../../functions/domain/errors.ts";
import type { Run } from "../../functions/platform/run.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export interface InvocationOptions {
  readonly id: string;
  readonly time: SimulatedTime;
  /** After how many ms Lambda ends it. */
  readonly limitMs: number;
  /** At which of its steps it is killed, if at any. */
  readonly killedAtStep: number | undefined;
  /** Told what a log would show. */
  onTold(text: string): void;
  /** Called when Lambda has to end it. */
  onOverdue(): void;
}

/** One invocation of the function. Killed, it does nothing any more: whatever it awaits never comes. */
export class Invocation {
  readonly id: string;
  readonly run: Run<SyncReport>;
  /** Resolves when it is over. */
  readonly ended: Promise<undefined>;
  isKilled = false;
  isOver = false;
  readonly end: () => void;
  readonly #killedAtStep: number | undefined;
  #steps = 0;

  constructor({ id, time, limitMs, killedAtStep, onTold, onOverdue }: InvocationOptions) {
    this.id = id;
    this.#killedAtStep = killedAtStep;
    const startedAt = time.now();
    const stop = new AbortController();
    this.run = {
      id,
      startedAt: new Date(startedAt),
      now: () => new Date(time.now()),
      deadline: new Date(startedAt + limitMs),
      signal: stop.signal,
      report: {},
      progress: (phase, done, total) => onTold(`${phase} ${done} ${total}`),
    };
    const reserveMs = Math.max(1000, limitMs / 10);
    const endTimers = [
      time.after(limitMs - reserveMs, () => stop.abort(new OutOfTimeError("it was cut short"))),
      time.after(limitMs, () => {
        onOverdue();
        this.kill();
      }),
    ];
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.end = () => {
      for (const endTimer of endTimers) endTimer();
      this.isOver = true;
      resolve(undefined);
    };
  }

  kill(): void {
    this.isKilled = true;
    this.end();
  }

  /** Stands before and after each thing that the function asks of the world. */
  async step(): Promise<void> {
    if (++this.#steps === this.#killedAtStep) this.kill();
    if (this.isKilled) await new Promise(() => undefined);
  }
}
