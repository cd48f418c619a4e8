import { ProviderContractError, ProviderUnavailableError } from "../../domain/provider-errors.ts";
import type { Activity } from "./answers.ts";
import type { Joining, PendingActivity } from "./mirror/mirror-state.ts";
import { NotCompletedError } from "./not-completed-error.ts";
import {
  type ActivityTools,
  mostListed,
  recordJoined,
  type SettleOptions,
  settleActivities,
} from "./settle-activities.ts";
import { untilOver } from "./until-over.ts";

/** How often one is begun that the provider does not accept, and the wait after each attempt, which doubles. */
const attempts = { usual: 5, few: 2, firstWaitMs: 1_000 };

/** Something that the provider does in the background. */
export interface ActivityStart {
  readonly kind: PendingActivity["kind"];
  /** Has the provider begin it. */
  start(attempt: Attempt): Promise<Activity>;
  /** Whether an activity that the provider lists can be this one. */
  matches(activity: Activity): boolean;
  /** Of an import: who has joined the list by it. @default all whom its attempt had named */
  joined?(activity: EndedActivity): Promise<Joining | undefined>;
}

export type EndedActivity = Activity & {
  /** Whether no answer told it: it was found by how it looks, and may be another program's. */
  readonly isFound: boolean;
};

export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Stores what the next run must know if it finds the activity over, before the provider is asked. */
  describe(known: Pick<PendingActivity, "rows" | "joining">): Promise<void>;
}

export interface RunOptions {
  /** @default "usual" */
  readonly tries?: "usual" | "few" | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs activities for one list, and remembers those that are not over: a run that is cut short leaves them to the next.
 * They are begun one at a time, so that one whose answer is lost can be recognised.
 */
export class ActivityRunner {
  readonly #options: ActivityTools;
  #known: Promise<Set<string>> | undefined;
  #lastStart: Promise<unknown> = Promise.resolve();

  constructor(options: ActivityTools) {
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
  async run(start: ActivityStart, { tries = "usual", signal }: RunOptions): Promise<EndedActivity> {
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

  /** As `settleActivities`. */
  settle(options: SettleOptions): Promise<number> {
    return settleActivities(this.#options, options);
  }

  async #runOnce(start: ActivityStart, attempt: number, signal: AbortSignal): Promise<EndedActivity> {
    const { client, clock } = this.#options;
    const begun = this.#lastStart.then(() => this.#begin(start, attempt, signal));
    this.#lastStart = begun.catch(() => undefined);
    const { pending, activity, isFound } = await begun;
    const over = { ...(await untilOver(activity, { client, clock, signal })), isFound };
    const joined = over.state === "completed" ? await start.joined?.(over) : undefined;
    await recordJoined(
      this.#options,
      joined === undefined ? pending : { ...pending, joining: joined },
      over.state === "completed",
    );
    await this.#options.pending.remove(pending);
    if (over.state !== "completed") throw new NotCompletedError(over.state);
    return over;
  }

  async #begin({ kind, start, matches }: ActivityStart, number: number, signal: AbortSignal) {
    const { pending, clock } = this.#options;
    const known = await this.#knownIds(signal);
    let asked = await pending.add({ kind, startedAt: clock.now() });
    const describe: Attempt["describe"] = async (more) => {
      asked = await pending.describe(asked, more);
    };
    let isFound = false;
    const activity = await start({ number, describe }).catch((error: unknown) => {
      isFound = true;
      return this.#afterFailure(error, { asked, matches, signal });
    });
    known.add(activity.id);
    return { pending: await pending.describe(asked, { id: activity.id }), activity, isFound };
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
    const activities = await this.#options.client.activities(mostListed, signal);
    return activities.findLast((activity) => !known.has(activity.id) && matches(activity));
  }

  /** The activities that were there before the first of ours, and ours. */
  #knownIds(signal: AbortSignal): Promise<Set<string>> {
    this.#known ??= this.#options.client
      .activities(mostListed, signal)
      .then((activities) => new Set(activities.map(({ id }) => id)))
      .catch((error: unknown) => {
        this.#known = undefined;
        throw error;
      });
    return this.#known;
  }
}
