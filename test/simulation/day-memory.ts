import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { Invocation } from "./invocation.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { budgetKey } from "./simulated-bucket.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Watched } from "./watched.ts";

interface DayMemoryOptions {
  readonly recorder: ProviderRecorder;
  readonly database: SimulatedDatabase;
  readonly time: SimulatedTime;
  /** By id, all invocations. */
  readonly watched: ReadonlyMap<string, Watched>;
}

const dayMs = 24 * 3_600_000;
/** A run takes up to a quarter of an hour, and counts from when it begins to send. */
const slackMs = 16 * 60_000;
/** Reading an object takes less. */
const readMs = 60_000;

/** What the day's budget knows beside what was sent: that the one before it was lost, and that an empty list is being filled. */
export class DayMemory {
  readonly #options: DayMemoryOptions;
  #lostAt = Number.NEGATIVE_INFINITY;
  /** Runs that began until then no longer fill the list. */
  #filledAt = Number.NEGATIVE_INFINITY;

  constructor(options: DayMemoryOptions) {
    this.#options = options;
  }

  /** Somebody has damaged or lost the budget. */
  onLost(): void {
    for (const run of this.#options.watched.values()) run.isBudgetLost = true;
  }

  /** A run has read the budget, or found that it was lost. */
  onRead({ id }: Invocation, isLost: boolean): void {
    const watched = this.#options.watched.get(id)!;
    const now = this.#options.time.now();
    if (isLost) {
      this.#lostAt = now;
      this.#filledAt = watched.done.startedAt - 1;
    }
    watched.isDayUnknown = now < this.#lostAt + dayMs - readMs;
  }

  /** Nobody knows what the budget knows of it. */
  forget(): void {
    this.#lostAt = Number.NEGATIVE_INFINITY;
    this.#filledAt = Number.NEGATIVE_INFINITY;
  }

  /** Must be called before the write is judged. */
  onWrite(id: string): void {
    const run = this.#options.watched.get(id)!;
    if (run.done.writes.length === 0) run.done.isFilling = this.#foundEmpty(run) || this.#mayGoOnFilling(run);
  }

  onEnd({ id, run }: Invocation): void {
    const { sendsUnseen, isMemoryLost } = this.#options.watched.get(id)!;
    if (run.report.applied?.left === 0 && sendsUnseen && !isMemoryLost)
      this.#filledAt = this.#options.time.now();
  }

  /** An empty list may be filled, also if somebody joins meanwhile, or if all who were on it went while it was read. */
  #foundEmpty({ id, done }: Watched): boolean {
    const { recorder, database } = this.#options;
    const isNew = (row: Subscriber) => Date.parse(row.subscribed_at) >= done.startedAt;
    const isEmpty = recorder.isCountedEmpty(id) || recorder.versionsShown(id).every(isNew);
    return database.readWholeBy.has(id) && isEmpty;
  }

  /** Another run, which found the list empty within a day before, may have been interrupted. */
  #mayGoOnFilling({ done, unread }: Watched): boolean {
    if (unread.has(budgetKey)) return false;
    const since = Math.max(this.#filledAt, done.startedAt - dayMs - slackMs);
    const earlier = [...this.#options.watched.values()].filter(
      (run) => run.done.startedAt > since && run.done.startedAt < done.startedAt,
    );
    return earlier.some((run) => run.sendsUnseen && this.#foundEmpty(run));
  }
}
