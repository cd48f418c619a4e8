import type { ListConfiguration } from "../../functions/configuration.ts";
import { listSchema } from "../../functions/configuration.ts";
import { UnsafePlanError } from "../../functions/domain/errors.ts";
import { createHttp } from "../../functions/platform/http.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import { Account } from "../../infra/local/sandbox/account.ts";
import { Chance } from "./chance.ts";
import { type Edited, editSomething, leaveOneOf, populateProvider, someEmail, someRow } from "./edits.ts";
import { Invocation } from "./invocation.ts";
import { Rules } from "./rules.ts";
import { SimulatedBucket } from "./simulated-bucket.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Witness } from "./witness.ts";

const listId = 123;
const start = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

/** What one history came to. */
export interface Outcome {
  /** Rules that were broken; none may be. */
  readonly broken: readonly string[];
  /** How the invocations ended: `done`, `killed`, or an error's name. */
  readonly endings: readonly string[];
  /** For each reader who opted out in the one window that nothing closes: how long before the write was applied, in ms. */
  readonly windowsMs: readonly number[];
}

/**
 * Lives one history through: lists drawn at random, invocations that are disturbed in every way while readers and the
 * publisher go on, and at the end, undisturbed, one that brings the list to what is wanted.
 */
export async function live(seed: number): Promise<Outcome> {
  const history = new History(new Chance(seed));
  await history.disturbed();
  await history.undisturbed();
  return { broken: history.rules.broken, endings: history.endings, windowsMs: history.rules.windowsMs };
}

class History {
  readonly endings: string[] = [];
  readonly rules: Rules;
  readonly #chance: Chance;
  readonly #time = new SimulatedTime(start);
  readonly #configuration: ListConfiguration;
  readonly #edited: Edited;
  readonly #bucket: SimulatedBucket;
  readonly #network: SimulatedNetwork;
  readonly #witness: Witness;
  readonly #concurrency: number;
  readonly #pageRows: number;
  #refused: ReadonlySet<string> = new Set();
  #invocations = 0;

  constructor(chance: Chance) {
    const time = this.#time;
    this.#chance = chance;
    this.#concurrency = chance.between(1, 4);
    this.#pageRows = chance.between(2, 5);
    this.#configuration = listSchema.parse({
      id: listId,
      source: { kind: "csv", uri: "s3://exports/daily.csv" },
      batchSize: chance.between(1, 4),
      onlyAtProvider: chance.pick(["unsubscribe", "keep"]),
      resubscribeBounced: chance.happens(0.2),
      limits: {
        unsubscribe: { ratio: chance.pick([0.1, 0.5, 1]), floor: chance.between(0, 3) },
        subscribe: { ratio: chance.pick([0.5, 1]), floor: chance.between(0, 6) },
      },
    });
    const account = new Account({
      now: () => new Date(time.now()),
      tokenForms: chance.pick(["both", "post", "get"]),
      tokenCalls: chance.pick([10, 30, Number.POSITIVE_INFINITY]),
      errorShape: chance.pick(["message", "cause"]),
      absentFields: chance.pick(["omitted", "null"]),
      returnsData: chance.happens(0.8),
      acceptsEmail: (email) => !this.#refused.has(email),
      lists: [{ id: listId }],
    });
    const list = account.lists.get(listId)!;
    const database = new SimulatedDatabase(chance, time);
    this.#edited = { chance, readers: chance.pick([3, 12]), time, list, database };
    this.#bucket = new SimulatedBucket(chance, time);
    this.#witness = new Witness(list, time, (write) => this.rules.onWrite(write));
    this.#network = new SimulatedNetwork({
      chance,
      time,
      account,
      witness: this.#witness,
      meanwhile: (emails) => {
        leaveOneOf(emails, this.#edited);
        this.rules.onEdit();
      },
    });
    this.rules = new Rules({
      configuration: this.#configuration,
      list,
      database,
      witness: this.#witness,
      showsData: account.options.returnsData,
    });
    this.#populate();
  }

  #populate(): void {
    const edited = this.#edited;
    const { chance, list, database } = edited;
    database.rows = Array.from({ length: chance.between(1, 12) }, () => someRow(edited));
    // A provider that shows no field of anyone may hide them: nothing is compared then.
    list.set({ email: "reader99@example.fr", data_firstname: "Ana" });
    for (let left = chance.between(0, 12); left > 0; left--) populateProvider(edited);
  }

  #edit(): void {
    editSomething(this.#edited);
    this.rules.onEdit();
  }

  async disturbed(): Promise<void> {
    const chance = this.#chance;
    const failureRate = chance.pick([0, 0.02, 0.1, 0.3]);
    this.#network.failureRate = failureRate;
    // Undisturbed, a look and the write after it take four ways of a tenth of a second, and as much for each row more.
    if (failureRate === 0) this.rules.longestWindowMs = 200 * (1 + this.#configuration.batchSize);
    this.#network.overtakingRate = chance.pick([0, 0.1, 0.5]);
    this.#bucket.failureRate = chance.pick([0, 0, 0.02, 0.1]);
    this.#edited.database.failureRate = chance.pick([0, 0, 0.05]);
    if (chance.happens(0.3)) this.#refused = new Set([someEmail(this.#edited), someEmail(this.#edited)]);
    let startMs = 0;
    for (let left = chance.between(1, 4); left > 0; left--) {
      startMs += chance.happens(0.3) ? chance.between(0, 3_000) : chance.between(minuteMs, 20 * minuteMs);
      this.#time.after(startMs, () => void this.#invokeSomehow());
      for (let edits = chance.between(0, 12); edits > 0; edits--) {
        this.#time.after(startMs + chance.between(0, 4_000), () => this.#edit());
      }
    }
    await this.#time.passAll();
  }

  async #invokeSomehow(): Promise<void> {
    const chance = this.#chance;
    const limits = {
      limitMs: chance.pick([15 * minuteMs, 15 * minuteMs, 30_000, 5_000]),
      killedAtStep: chance.happens(0.3) ? chance.between(1, 80) : undefined,
    };
    const mode = chance.happens(0.15) ? "plan" : "apply";
    const { error } = await this.#invoke({ list: "daily", mode }, limits);
    // A person looks at what was refused, and approves of it.
    if (error instanceof UnsafePlanError && chance.happens(0.5)) {
      this.#time.after(chance.between(0, minuteMs), () => void this.#invoke(this.#approvalOf(error), limits));
    }
  }

  async undisturbed(): Promise<void> {
    this.#network.overtakingRate = 0;
    this.#network.failureRate = this.#bucket.failureRate = this.#edited.database.failureRate = 0;
    this.#refused = new Set();
    // What was killed may have left a lock, which ends at its deadline.
    await this.#pass(16 * minuteMs);
    this.rules.beforeLastRun();
    const limits = { limitMs: 15 * minuteMs, killedAtStep: undefined };
    const { error } = await this.#invokeAndPass({ list: "daily", mode: "apply" }, limits);
    const approved =
      error instanceof UnsafePlanError
        ? await this.#invokeAndPass(this.#approvalOf(error), limits)
        : undefined;
    const failure = approved === undefined ? error : approved.error;
    if (failure !== undefined)
      this.rules.breakRule(`an undisturbed run failed: ${failure.name}: ${failure.message}`);
    this.rules.afterLastRun();
    const writes = this.#witness.writes.length;
    await this.#invokeAndPass({ list: "daily", mode: "apply" }, limits);
    if (this.#witness.writes.length > writes)
      this.rules.breakRule("a run after the last one still sent something");
  }

  /** As a person takes it from the message. */
  #approvalOf({ message }: UnsafePlanError): SyncEvent {
    return JSON.parse(message.slice(message.lastIndexOf("{")));
  }

  async #pass(ms: number): Promise<void> {
    this.#time.after(ms, () => undefined);
    await this.#time.passAll();
  }

  async #invokeAndPass(event: SyncEvent, limits: Limits): Promise<{ error: Error | undefined }> {
    const invoked = this.#invoke(event, limits);
    await this.#time.passAll();
    return await invoked;
  }

  async #invoke(event: SyncEvent, limits: Limits): Promise<{ error: Error | undefined }> {
    const invocation = new Invocation({
      id: `run-${++this.#invocations}`,
      time: this.#time,
      onTold: (text) => this.rules.onTold(text),
      ...limits,
    });
    this.rules.onStart(invocation, event);
    const ended = this.#work(event, invocation).then(
      () => ({ error: undefined, isKilled: false }),
      (error: Error) => ({ error, isKilled: false }),
    );
    const killed = invocation.isEnded.promise.then(() => ({ error: undefined, isKilled: true }));
    const { error, isKilled } = await Promise.race([ended, killed]);
    invocation.isEnded.resolve();
    this.endings.push(isKilled ? "killed" : (error?.name ?? "done"));
    if (!isKilled) this.rules.onEnd(invocation, error);
    return { error };
  }

  #work(event: SyncEvent, invocation: Invocation): Promise<void> {
    const time = this.#time;
    const http = createHttp({
      timeoutMs: minuteMs,
      retries: 5,
      clock: time,
      random: this.#chance.random,
      send: this.#network.sendOf(invocation),
    });
    return syncSubscribers(
      event,
      {
        lists: { daily: this.#configuration },
        store: this.#bucket.storeOf(invocation),
        providerOf: (_list, deadline) =>
          createOwnpageProvider({
            configuration: {
              kind: "ownpage",
              baseUrl: "https://provider.invalid/v1",
              secret: "newsletter-sync/ownpage",
              concurrency: this.#concurrency,
            },
            listId,
            timeZone: "Europe/Paris",
            pageRows: this.#pageRows,
            readSecret: async () => ({ client: "demo", apiKey: "demo-key" }),
            http,
            deadline: deadline.getTime(),
          }),
        openSource: () => this.#edited.database.open(invocation),
      },
      invocation.run,
    );
  }
}

interface Limits {
  readonly limitMs: number;
  readonly killedAtStep: number | undefined;
}
