import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import { ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import type { ApplyEvent } from "../../functions/planning/apply-event.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { Chance } from "./chance.ts";
import { Invocation } from "./invocation.ts";
import { pauseMs } from "./pause.ts";
import { World } from "./world.ts";

const minuteMs = 60_000;

/** What became of one history. */
export interface Outcome {
  /** The promises that were broken, and how; there must be none. */
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

/** How an invocation ended, if it was not killed. */
interface Ending {
  readonly error?: Error;
  /** The event that applies what waits for a person. */
  readonly waiting?: ApplyEvent;
}

const modes = [...Array(8).fill("apply"), "plan", "return"] as const;
const noLimits: Limits = { limitMs: 15 * minuteMs, killedAtStep: undefined };

/**
 * Simulates one history: both sides of a list drawn at random, invocations disturbed in every way while readers and the
 * publisher keep making changes, and in the end an undisturbed one that brings the list in line.
 */
export async function simulateHistory(seed: number): Promise<Outcome> {
  const history = new History(seed);
  await history.disturbed();
  await history.undisturbed();
  const { endings, digest } = history;
  const { broken, windowsMs } = history.rules;
  return { broken, endings, windowsMs, digest };
}

class History {
  readonly endings: string[] = [];
  readonly #chance: Chance;
  /** What is the schedule's, and what a person's. */
  readonly #schedules: Chance;
  readonly #world: World;
  #invocations = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#schedules = new Chance(-seed);
    this.#world = new World(this.#chance);
  }

  get digest() {
    return this.#world.recorder.digest;
  }

  /** What the schedule sends. */
  get #routine(): SyncEvent {
    const scheduledAt = new Date(this.#world.time.now()).toISOString();
    return { list: "daily", mode: "apply", scheduledAt };
  }

  get rules() {
    return this.#world.rules;
  }

  async disturbed(): Promise<void> {
    const chance = this.#chance;
    const { time } = this.#world;
    this.#world.disturb();
    if (this.#schedules.happens(0.7)) await this.#world.approve();
    const harmRate = chance.pick([0, 0, 0, 0.3]);
    let startMs = 0;
    for (let left = chance.between(1, 5); left > 0; left--) {
      startMs += pauseMs(chance);
      time.after(startMs, () => void this.#invokeSomehow());
      for (let edits = chance.between(0, 12); edits > 0; edits--) {
        time.after(startMs + chance.between(0, 4_000), () => this.#world.edit());
      }
      if (chance.happens(harmRate)) {
        time.after(startMs + chance.between(0, 2 * minuteMs), () => void this.#world.harmMemory());
      }
    }
    await time.passAll();
  }

  async undisturbed(): Promise<void> {
    const { rules } = this.#world;
    this.#world.calm();
    await this.#world.approve();
    // A killed run may have left a lock, which expires at its deadline.
    await this.#pass(16 * minuteMs);
    this.#world.exportAnew();
    const inStep = rules.watchInStep();
    this.#checkFailure("an undisturbed run", await this.#bringInStep());
    inStep.check(`run-${this.#invocations}`);
    this.#world.returnRules.checkHeard(`run-${this.#invocations}`);
    this.#world.exportAnew();
    const { error } = await this.#invokeAndPass(this.#routine);
    // What the provider refuses may be planned again, and then waits again.
    const mayWait = this.#world.isFussy || inStep.mayWait(`run-${this.#invocations}`);
    if (!(mayWait && error instanceof UnsafePlanError)) this.#checkFailure("the next run", error);
    inStep.checkSilent(`run-${this.#invocations}`);
    this.#world.returnRules.checkSilent(`run-${this.#invocations}`);
    if (error instanceof ProviderUnavailableError) await this.#outlastBadRows();
  }

  /** A row that is alone is doubted for a day. Another one may join it, when its reader's grace is over. */
  async #outlastBadRows(): Promise<void> {
    for (let days = 1; days <= 3; days++) {
      await this.#pass(24 * 60 * minuteMs);
      const { error } = await this.#invokeAndPass(this.#routine);
      if (!(error instanceof ProviderUnavailableError)) return;
    }
    this.rules.break("badRow", "a row at which the provider fails made runs fail for days");
  }

  #checkFailure(what: string, error: Error | undefined): void {
    // A row at which the provider fails is told from a provider that is down by what that accepts beside it.
    const mayFail = this.#world.isFailing && error instanceof ProviderUnavailableError;
    if (error !== undefined && !mayFail) this.rules.break("inStep", `${what} failed: ${error.stack}`);
  }

  /** A person approves whatever waits. */
  async #bringInStep(): Promise<Error | undefined> {
    const { error, waiting } = await this.#invokeAndPass(this.#routine);
    if (waiting === undefined) return error;
    const approval = await this.#invokeAndPass(waiting);
    return approval.error;
  }

  async #invokeSomehow(): Promise<void> {
    const chance = this.#chance;
    const limits = {
      limitMs: chance.pick([15 * minuteMs, 15 * minuteMs, 30_000, 5_000]),
      killedAtStep: chance.happens(0.3) ? chance.between(1, 80) : undefined,
    };
    const mode = chance.pick(modes);
    const isScheduled = mode === "apply" && this.#schedules.happens(0.5);
    const asked: SyncEvent = isScheduled ? this.#routine : { list: "daily", mode };
    const { waiting: event } = await this.#invoke(asked, limits);
    if (event === undefined || chance.happens(0.5)) return;
    const afterMs = chance.pick([minuteMs, minuteMs, 23 * 60 * minuteMs]);
    const approved = this.#approvedOf(event);
    this.#world.time.after(chance.between(0, afterMs), () => void this.#invoke(approved, limits));
  }

  /** A person approves all that waits, some of it, or forgets to say what. */
  #approvedOf({ approve, ...event }: ApplyEvent): ApplyEvent {
    const chance = this.#chance;
    if (approve === undefined || chance.happens(0.1)) return event;
    return { ...event, approve: chance.happens(0.3) ? [chance.pick(approve)] : approve };
  }

  async #invokeAndPass(event: SyncEvent): Promise<Ending> {
    const invoked = this.#invoke(event, noLimits);
    await this.#world.time.passAll();
    return await invoked;
  }

  async #pass(ms: number): Promise<void> {
    this.#world.time.after(ms, () => undefined);
    await this.#world.time.passAll();
  }

  async #invoke(event: SyncEvent, limits: Limits): Promise<Ending> {
    const { time, rules, returnRules } = this.#world;
    const invocation = new Invocation({
      id: `run-${++this.#invocations}`,
      time,
      onLog: (text) => rules.checkText(text),
      onOverdue: () => rules.break("end", "it did not stop in time"),
      ...limits,
    });
    rules.onStart(invocation, event);
    const failure = this.#world.run(event, invocation).then(
      () => undefined,
      (error: Error) => error,
    );
    const error = await Promise.race([failure, invocation.ended]);
    this.endings.push(invocation.isKilled ? "killed" : (error?.name ?? "done"));
    if (invocation.isKilled) return {};
    invocation.end();
    rules.onEnd(invocation, error);
    returnRules.onEnd(invocation, error);
    const { mode, check } = invocation.run.report;
    if (
      error instanceof UnsafePlanError &&
      JSON.stringify(approvalOf(error)) !== JSON.stringify(check?.event)
    )
      rules.break("approval", "the error names another event than the report");
    const isWaiting = check && (mode === "plan" || check.refused);
    return { ...(error && { error }), ...(isWaiting && { waiting: check.event }) };
  }
}

/** The event that the message shows to a person. */
function approvalOf({ message }: UnsafePlanError): ApplyEvent {
  return JSON.parse(message.slice(message.lastIndexOf("{")));
}
