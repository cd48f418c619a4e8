import { OutOfTimeError } from "../../functions/domain/errors.ts";
import type { Run } from "../../functions/platform/run.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export interface InvocationOptions {
  readonly id: string;
  readonly time: SimulatedTime;
  /** After how many ms Lambda ends it. */
  readonly limitMs: number;
  /** The step at which it is killed, if any. */
  readonly killedAtStep: number | undefined;
  /** Called with whatever a log would show. */
  onLog(text: string): void;
  /** Called if Lambda has to end it. */
  onOverdue(): void;
}

/** One invocation of the function. Once it is killed, nothing that it awaits ever resolves. */
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

  constructor({ id, time, limitMs, killedAtStep, onLog, onOverdue }: InvocationOptions) {
    this.id = id;
    this.#killedAtStep = killedAtStep;
    const startedAt = time.now();
    const stop = new AbortController();
    const workMs = limitMs - Math.max(1000, limitMs / 10);
    this.run = {
      id,
      trigger: id,
      startedAt: new Date(startedAt),
      now: () => new Date(time.now()),
      deadline: new Date(startedAt + limitMs),
      signal: stop.signal,
      stopsAt: new Date(startedAt + workMs),
      report: {},
      progress: (phase, done, total) => onLog(`${phase} ${done} ${total}`),
    };
    const endTimers = [
      time.after(workMs, () => stop.abort(new OutOfTimeError("it was cut short"))),
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

  /** Awaited before and after each call to the outside. */
  async step(): Promise<void> {
    if (++this.#steps === this.#killedAtStep) this.kill();
    if (this.isKilled) await new Promise(() => undefined);
  }
}
