import { CredentialError } from "../../../functions/domain/errors.ts";
import { UnsafePlanError } from "../../../functions/domain/plan-errors.ts";
import type { ApplyEvent } from "../../../functions/planning/apply-event.ts";
import type { SyncEvent } from "../../../functions/sync-subscribers/event.ts";
import { Chance } from "../chance.ts";
import { Invocation } from "../invocation.ts";
import { pauseMs } from "../pause.ts";
import type { Outcome } from "../simulate-history.ts";
import { AccountRest } from "./account-rest.ts";
import { AccountWorld } from "./account-world.ts";
import type { ListName } from "./random-account.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Limits {
  readonly limitMs: number;
  readonly killedAtStep: number | undefined;
}

interface Ending {
  readonly id: string;
  readonly error?: Error | undefined;
  readonly waiting?: ApplyEvent | undefined;
}

const modes = [...Array(8).fill("apply"), "plan", "return"] as const;
const noLimits: Limits = { limitMs: 15 * minuteMs, killedAtStep: undefined };

/**
 * Simulates one history of an account that is primary: contacts, databases and a dialect drawn at random, invocations
 * disturbed in every way while everybody keeps making changes, and in the end undisturbed ones that bring both sides
 * together.
 */
export async function simulateAccountHistory(seed: number): Promise<Outcome> {
  const history = new AccountHistory(seed);
  await history.disturbed();
  await history.undisturbed();
  const { endings, world } = history;
  return { broken: world.rules.broken, endings, windowsMs: [], digest: world.digest };
}

class AccountHistory {
  readonly endings: string[] = [];
  readonly world: AccountWorld;
  readonly #chance: Chance;
  readonly #lists: readonly ListName[];
  #invocations = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.world = new AccountWorld(this.#chance);
    this.#lists = this.#chance.happens(0.3) ? ["daily", "weekly"] : ["daily"];
  }

  async disturbed(): Promise<void> {
    const chance = this.#chance;
    const { time } = this.world;
    this.world.disturb();
    await this.world.approve();
    const harmRate = chance.pick([0, 0, 0, 0.3]);
    let startMs = 0;
    for (let left = chance.between(1, 6); left > 0; left--) {
      startMs += pauseMs(chance);
      time.after(startMs, () => void this.#invokeSomehow());
      for (let edits = chance.between(0, 12); edits > 0; edits--) {
        time.after(startMs + chance.between(0, 6_000), () => this.world.edit());
      }
      if (chance.happens(harmRate))
        time.after(startMs + chance.between(0, 2 * minuteMs), () => void this.world.harmMirror());
    }
    await time.passAll();
  }

  /** Each list is brought to rest twice, the second time after the whole account was read, and then nothing is left. */
  async undisturbed(): Promise<void> {
    // An activity without an end is given up by then, and a lock of a killed run has expired.
    await this.#pass(4 * hourMs);
    this.world.calm();
    const lists = this.#lists.map((list) => ({ list, rest: new AccountRest(this.world, list) }));
    for (const { list } of lists) await this.#bringToRest(list);
    await this.#pass(25 * hourMs);
    for (const { list } of lists) await this.#bringToRest(list);
    for (const { rest } of lists) rest.check();
    for (const { list } of lists) await this.#bringToRest(list);
    this.world.enlarge();
    for (const { list, rest } of lists) {
      await this.#pass(hourMs);
      const { id, error } = await this.#invokeAndPass({ list, mode: "apply" });
      rest.checkSilent(id, error);
    }
  }

  #checkFailure(what: string, error: Error | undefined): void {
    if (error !== undefined) this.world.rules.break("end", `${what} failed: ${error.stack}`);
  }

  /** A person approves whatever waits. */
  async #bringToRest(list: ListName): Promise<void> {
    await this.#pass(hourMs);
    this.world.exportAnew();
    const { error, waiting } = await this.#invokeAndPass({ list, mode: "apply" });
    if (waiting === undefined) return this.#checkFailure("an undisturbed run", error);
    const approval = await this.#invokeAndPass(waiting);
    this.#checkFailure("an approval", approval.error);
  }

  async #invokeSomehow(): Promise<void> {
    const chance = this.#chance;
    const limits = {
      limitMs: chance.pick([15 * minuteMs, 15 * minuteMs, 60_000, 15_000]),
      killedAtStep: chance.happens(0.3) ? chance.between(1, 120) : undefined,
    };
    const { waiting, error } = await this.#invoke(
      { list: chance.pick(this.#lists), mode: chance.pick(modes) },
      limits,
    );
    if (error instanceof CredentialError) this.world.connect();
    if (waiting === undefined || chance.happens(0.5)) return;
    const afterMs = chance.pick([minuteMs, minuteMs, 23 * hourMs]);
    this.world.time.after(chance.between(0, afterMs), () => void this.#invoke(waiting, limits));
  }

  async #invokeAndPass(event: SyncEvent): Promise<Ending> {
    const invoked = this.#invoke(event, noLimits);
    await this.world.time.passAll();
    return await invoked;
  }

  async #pass(ms: number): Promise<void> {
    this.world.time.after(ms, () => undefined);
    await this.world.time.passAll();
  }

  async #invoke(event: SyncEvent, limits: Limits): Promise<Ending> {
    const { time, rules } = this.world;
    const id = `run-${++this.#invocations}`;
    const invocation = new Invocation({
      id,
      time,
      onLog: (text) => rules.checkText(text),
      onOverdue: () => rules.break("end", "it did not stop in time"),
      ...limits,
    });
    rules.onStart(invocation, event);
    const failure = this.world.run(event, invocation).then(
      () => undefined,
      (error: Error) => error,
    );
    const error = await Promise.race([failure, invocation.ended]);
    this.endings.push(invocation.isKilled ? "killed" : (error?.name ?? "done"));
    if (invocation.isKilled) {
      rules.onKilled(invocation);
      return { id };
    }
    invocation.end();
    rules.onEnd(invocation, error);
    const { check } = invocation.run.report;
    return { id, error, waiting: error instanceof UnsafePlanError ? check?.event : undefined };
  }
}
