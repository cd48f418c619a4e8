import { UnsafePlanError } from "../../functions/domain/errors.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { Chance } from "./chance.ts";
import { Invocation } from "./invocation.ts";
import { World } from "./world.ts";

const minuteMs = 60_000;

/** What became of one history. */
export interface Outcome {
  /** The rules that were broken; there must be none. */
  readonly broken: readonly string[];
  /** How the invocations ended: `done`, `killed`, or an error's name. */
  readonly endings: readonly string[];
  /** For each reader who opted out between our last look and the write: how long before the write we looked, in ms. */
  readonly windowsMs: readonly number[];
  /** Equal if all requests and their answers are. */
  readonly digest: string;
}

interface Limits {
  /** After how many ms Lambda ends the function. */
  readonly limitMs: number;
  readonly killedAtStep: number | undefined;
}

const noLimits: Limits = { limitMs: 15 * minuteMs, killedAtStep: undefined };

/**
 * Simulates one history: both sides of a list drawn at random, invocations disturbed in every way while readers and the
 * publisher keep making changes, and in the end an undisturbed one that brings the list in line.
 */
export async function simulateHistory(seed: number): Promise<Outcome> {
  const history = new History(new Chance(seed));
  await history.disturbed();
  await history.undisturbed();
  const { endings, digest } = history;
  const { broken, windowsMs } = history.rules;
  return { broken, endings, windowsMs, digest };
}

class History {
  readonly endings: string[] = [];
  readonly #chance: Chance;
  readonly #world: World;
  #invocations = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#world = new World(chance);
  }

  get digest() {
    return this.#world.recorder.digest;
  }

  get rules() {
    return this.#world.rules;
  }

  async disturbed(): Promise<void> {
    const chance = this.#chance;
    const { time } = this.#world;
    this.#world.disturb();
    let startMs = 0;
    for (let left = chance.between(1, 4); left > 0; left--) {
      startMs += chance.happens(0.3) ? chance.between(0, 3_000) : chance.between(minuteMs, 20 * minuteMs);
      time.after(startMs, () => void this.#invokeSomehow());
      for (let edits = chance.between(0, 12); edits > 0; edits--) {
        time.after(startMs + chance.between(0, 4_000), () => this.#world.edit());
      }
    }
    await time.passAll();
  }

  async undisturbed(): Promise<void> {
    const { recorder, rules } = this.#world;
    this.#world.calm();
    // A killed run may have left a lock, which expires at its deadline.
    await this.#pass(16 * minuteMs);
    rules.beforeLastRun();
    let error = await this.#invokeAndPass({ list: "daily", mode: "apply" });
    if (error instanceof UnsafePlanError) error = await this.#invokeAndPass(approvalOf(error));
    if (error !== undefined) rules.breakRule(`an undisturbed run failed: ${error.name}: ${error.message}`);
    rules.afterLastRun();
    const writes = recorder.writes.length;
    const failure = await this.#invokeAndPass({ list: "daily", mode: "apply" });
    if (failure !== undefined)
      rules.breakRule(`the run after it failed: ${failure.name}: ${failure.message}`);
    if (recorder.writes.length > writes) rules.breakRule("the run after the last one still sent something");
  }

  async #invokeSomehow(): Promise<void> {
    const chance = this.#chance;
    const limits = {
      limitMs: chance.pick([15 * minuteMs, 15 * minuteMs, 30_000, 5_000]),
      killedAtStep: chance.happens(0.3) ? chance.between(1, 80) : undefined,
    };
    const error = await this.#invoke(
      { list: "daily", mode: chance.happens(0.15) ? "plan" : "apply" },
      limits,
    );
    // A person looks at the refused plan and approves it.
    if (error instanceof UnsafePlanError && chance.happens(0.5)) {
      this.#world.time.after(chance.between(0, minuteMs), () => void this.#invoke(approvalOf(error), limits));
    }
  }

  async #invokeAndPass(event: SyncEvent): Promise<Error | undefined> {
    const invoked = this.#invoke(event, noLimits);
    await this.#world.time.passAll();
    return await invoked;
  }

  async #pass(ms: number): Promise<void> {
    this.#world.time.after(ms, () => undefined);
    await this.#world.time.passAll();
  }

  /** @returns the error that it failed with; undefined if it succeeded or was killed */
  async #invoke(event: SyncEvent, limits: Limits): Promise<Error | undefined> {
    const { time, rules } = this.#world;
    const invocation = new Invocation({
      id: `run-${++this.#invocations}`,
      time,
      onLog: (text) => rules.checkText(text),
      onOverdue: () => rules.breakRule("a run did not stop before its time was over"),
      ...limits,
    });
    rules.onStart(invocation, event);
    const failure = this.#world.run(event, invocation).then(
      () => undefined,
      (error: Error) => error,
    );
    const error = await Promise.race([failure, invocation.ended]);
    this.endings.push(invocation.isKilled ? "killed" : (error?.name ?? "done"));
    if (invocation.isKilled) return undefined;
    invocation.end();
    rules.onEnd(invocation, error);
    return error;
  }
}

/** The event that the message shows to a person. */
function approvalOf({ message }: UnsafePlanError): SyncEvent {
  return JSON.parse(message.slice(message.lastIndexOf("{")));
}
