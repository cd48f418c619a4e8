import { ProviderContractError, ProviderUnavailableError } from "../../domain/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Activity, isOver } from "./answers.ts";
import type { ConstantContactClient } from "./client.ts";
import type { PendingActivity } from "./mirror/mirror-state.ts";
import { NotCompletedError } from "./not-completed-error.ts";
import type { PendingActivities } from "./pending-activities.ts";

/** How long until an activity is looked at, which may be over at once or take hours: longer each time. */
const waits = { firstMs: 500, growth: 1.5, longestMs: 15_000 };
/** An activity that has not ended by then is given up: nothing says that any of them ends. */
const mostHours = 3;
const hourMs = 3_600_000;
/** How far the provider's clock may be from ours. */
const skewMs = 5 * 60_000;
/** The most that the provider lists. */
const listed = 500;

/** How often one is begun that the provider does not accept, and the wait after each attempt, which doubles. */
const attempts = { usual: 5, few: 2, firstWaitMs: 1_000 };

/** Something that the provider does in the background. */
export interface ActivityStart {
  readonly kind: PendingActivity["kind"];
  /** Has the provider begin it. @param attempt from 1 */
  start(attempt: number): Promise<Activity>;
  /** Whether an activity that the provider lists can be this one. */
  matches(activity: Activity): boolean;
}

interface RunnerOptions {
  readonly client: Pick<ConstantContactClient, "activity" | "activities">;
  readonly pending: PendingActivities;
  readonly clock: Clock;
  note(text: string): void;
}

/**
 * Runs activities for one list, and remembers those that are not over: a run that is cut short leaves them to the next.
 * They are begun one at a time, so that one whose answer is lost can be recognised.
 */
export interface RunOptions {
  /** @default "usual" */
  readonly tries?: "usual" | "few" | undefined;
  readonly signal: AbortSignal;
}

export class ActivityRunner {
  readonly #options: RunnerOptions;
  #known: Promise<Set<string>> | undefined;
  #lastStart: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Does in advance what comes before the first activity, so that nothing comes between a look and its import. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.#knownIds(signal);
  }

  /**
   * Begins an activity and waits until it is over. If no answer says whether it was accepted, it is looked for, and begun
   * again only if it is not found.
   *
   * @throws what `start` throws; ProviderUnavailableError, which says whether the rows may be why, if it was not completed
   */
  async run(start: ActivityStart, { tries = "usual", signal }: RunOptions): Promise<Activity> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#runOnce(start, attempt, signal);
      } catch (error) {
        const mayBeTransient = error instanceof ProviderUnavailableError && error.mayBeRows;
        if (!mayBeTransient || error instanceof NotCompletedError || attempt >= attempts[tries]) throw error;
      }
      await this.#options.clock.wait(attempts.firstWaitMs * 2 ** (attempt - 1), signal);
    }
  }

  /**
   * Looks at the activities that earlier runs began, and forgets those that are over.
   *
   * @param options.isPatient whether to wait for the others
   * @returns how many are not over
   */
  async settle({ isPatient, signal }: { isPatient: boolean; signal: AbortSignal }): Promise<number> {
    let left = 0;
    for (const pending of await this.#options.pending.all()) {
      const isDone = this.#isGivenUp(pending) || (await this.#isSettled(pending, isPatient, signal));
      if (isDone) await this.#options.pending.remove(pending);
      else left++;
    }
    return left;
  }

  async #runOnce(start: ActivityStart, attempt: number, signal: AbortSignal): Promise<Activity> {
    const begun = this.#lastStart.then(() => this.#begin(start, attempt, signal));
    this.#lastStart = begun.catch(() => undefined);
    const { pending, activity } = await begun;
    const over = await this.#untilOver(activity, signal);
    await this.#options.pending.remove(pending);
    if (over.state !== "completed") throw new NotCompletedError(over.state);
    return over;
  }

  async #begin({ kind, start, matches }: ActivityStart, attempt: number, signal: AbortSignal) {
    const { pending, clock } = this.#options;
    const known = await this.#knownIds(signal);
    const asked = await pending.add({ kind, startedAt: clock.now() });
    const activity = await start(attempt).catch((error: unknown) =>
      this.#afterFailure(error, { asked, matches, signal }),
    );
    known.add(activity.id);
    return { pending: await pending.name(asked, activity.id), activity };
  }

  /** @returns the activity, if the provider accepted it although no answer said so @throws the error, else */
  async #afterFailure(
    error: unknown,
    {
      asked,
      matches,
      signal,
    }: { asked: PendingActivity; matches: ActivityStart["matches"]; signal: AbortSignal },
  ): Promise<Activity> {
    // What is not known to be refused is left to the next run.
    signal.throwIfAborted();
    const isInDoubt = error instanceof ProviderUnavailableError || error instanceof ProviderContractError;
    const found = isInDoubt ? await this.#find(matches, signal) : undefined;
    if (found !== undefined) return found;
    await this.#options.pending.remove(asked);
    throw error;
  }

  async #find(matches: ActivityStart["matches"], signal: AbortSignal): Promise<Activity | undefined> {
    const known = await this.#knownIds(signal);
    const activities = await this.#options.client.activities(listed, signal);
    return activities.findLast((activity) => !known.has(activity.id) && matches(activity));
  }

  /** The activities that were there before the first of ours, and ours. */
  #knownIds(signal: AbortSignal): Promise<Set<string>> {
    this.#known ??= this.#options.client
      .activities(listed, signal)
      .then((activities) => new Set(activities.map(({ id }) => id)))
      .catch((error: unknown) => {
        this.#known = undefined;
        throw error;
      });
    return this.#known;
  }

  async #untilOver(begun: Activity, signal: AbortSignal): Promise<Activity> {
    const { client, clock } = this.#options;
    let activity: Activity | undefined = begun;
    for (let waitMs = waits.firstMs; activity !== undefined && !isOver(activity); ) {
      await clock.wait(waitMs, signal);
      waitMs = Math.min(waitMs * waits.growth, waits.longestMs);
      activity = await client.activity(begun.id, signal);
    }
    if (activity !== undefined) return activity;
    throw new ProviderContractError(
      "GET /activities/{activity}",
      "it does not know an activity that it began",
    );
  }

  #isGivenUp({ startedAt, kind }: PendingActivity): boolean {
    const { clock, note } = this.#options;
    if (clock.now() - startedAt < mostHours * hourMs) return false;
    const began = new Date(startedAt).toISOString();
    note(
      `an activity of an earlier run (${kind}, begun at ${began}) has not ended for ${mostHours} hours: it is given up`,
    );
    return true;
  }

  async #isSettled(pending: PendingActivity, isPatient: boolean, signal: AbortSignal): Promise<boolean> {
    for (const activity of await this.#activitiesOf(pending, signal)) {
      if (isOver(activity)) continue;
      if (!isPatient) return false;
      await this.#untilOver(activity, signal);
    }
    return true;
  }

  /** Of one whose answer was lost, all that may be it. */
  async #activitiesOf({ id, startedAt }: PendingActivity, signal: AbortSignal): Promise<readonly Activity[]> {
    const { client } = this.#options;
    if (id === undefined) {
      const activities = await client.activities(listed, signal);
      return activities.filter(({ createdAt = startedAt }) => createdAt >= startedAt - skewMs);
    }
    const activity = await client.activity(id, signal);
    return activity === undefined ? [] : [activity];
  }
}
