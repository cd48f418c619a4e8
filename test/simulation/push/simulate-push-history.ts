import { listSchema } from "../../../functions/configuration.ts";
import { createHttp } from "../../../functions/platform/http/http.ts";
import type { Run } from "../../../functions/platform/run.ts";
import { createOwnpageProvider } from "../../../functions/providers/ownpage/ownpage-provider.ts";
import { answerDeliveries } from "../../../functions/push-changes/answer-deliveries.ts";
import { pushChanges } from "../../../functions/push-changes/push-changes.ts";
import type { PushReport } from "../../../functions/push-changes/report.ts";
import { syncSubscribers } from "../../../functions/sync-subscribers/sync-subscribers.ts";
import type { Account } from "../../../infra/sandbox/ownpage/account.ts";
import { Chance } from "../chance.ts";
import { FussyProvider } from "../fussy-provider.ts";
import { Invocation } from "../invocation.ts";
import { ProviderRecorder } from "../provider-recorder.ts";
import { listId, randomAccount } from "../random-world.ts";
import type { Outcome } from "../simulate-history.ts";
import { SimulatedBucket } from "../simulated-bucket.ts";
import { SimulatedDatabase } from "../simulated-database.ts";
import { SimulatedNetwork } from "../simulated-network.ts";
import { SimulatedTime } from "../simulated-time.ts";
import { mayBeUnheard } from "./may-be-unheard.ts";
import { pushPromises } from "./push-promises.ts";
import { SimulatedQueue } from "./simulated-queue.ts";
import { Website } from "./website.ts";

const start = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const limitMs = 5 * minuteMs;
/** A day's limits may count as used up, if a run was killed: then messages wait until that day is over. */
const roundMs = 16 * minuteMs;
const mostRounds = 120;

/**
 * Simulates one history of pushes between and during syncs: readers come and go on the website and at the provider,
 * invocations are killed, and every call fails now and then. In the end the queue is emptied, and a sync has nothing to do.
 */
export async function simulatePushHistory(seed: number): Promise<Outcome> {
  const history = new PushHistory(seed);
  await history.disturbed();
  await history.drained();
  await history.synced();
  const { broken, endings, digest } = history;
  return { broken, endings, windowsMs: [], digest };
}

class PushHistory {
  readonly broken: string[] = [];
  readonly endings: string[] = [];
  readonly #chance: Chance;
  readonly #time = new SimulatedTime(start);
  readonly #provider = new FussyProvider(this.#time);
  readonly #account: Account;
  readonly #database: SimulatedDatabase;
  readonly #bucket: SimulatedBucket;
  readonly #recorder: ProviderRecorder;
  readonly #network: SimulatedNetwork;
  readonly #queue: SimulatedQueue;
  readonly #website: Website;
  readonly #configuration;
  #invocations = 0;
  #atWork = 0;
  /** Whether what runs did may be forgotten: then the strictest reading holds. */
  #mayForget = false;

  constructor(seed: number) {
    const chance = new Chance(seed);
    const time = this.#time;
    this.#chance = chance;
    this.#account = randomAccount(chance, { time, provider: this.#provider });
    const list = this.#account.lists.get(listId)!;
    this.#database = new SimulatedDatabase(chance, time);
    this.#queue = new SimulatedQueue(chance, time);
    const forget = () => {
      this.#mayForget = true;
    };
    this.#bucket = new SimulatedBucket(chance, time, {
      onMemoryLost: forget,
      onMemoryUnread: forget,
      onBudgetRead: (_, isLost) => isLost && forget(),
      onBudgetLost: forget,
    });
    const nothing = () => undefined;
    const listener = {
      onRequest: nothing,
      onSend: nothing,
      onWrite: nothing,
      onUncheckedResubscription: nothing,
    };
    this.#recorder = new ProviderRecorder(list, time, listener);
    this.#network = new SimulatedNetwork({
      chance,
      time,
      account: this.#account,
      provider: this.#provider,
      recorder: this.#recorder,
      beforeWrite: nothing,
    });
    const limit = { ratio: 1, floor: 1000 };
    this.#configuration = listSchema.parse({
      id: listId,
      source: { kind: "csv", uri: "s3://exports/daily.csv" },
      batchSize: chance.pick([2, 30]),
      graceHours: chance.pick([0, 24]),
      limits: { unsubscribe: limit, subscribe: limit, resubscribe: limit, update: limit },
    });
    this.#website = new Website({ chance, time, list, database: this.#database, queue: this.#queue });
  }

  get digest(): string {
    return this.#recorder.digest;
  }

  async disturbed(): Promise<void> {
    const chance = this.#chance;
    this.#network.failureRate = chance.pick([0, 0, 0.05, 0.3]);
    this.#bucket.failureRate = chance.pick([0, 0, 0.05]);
    this.#mayForget = this.#bucket.failureRate > 0;
    this.#queue.failureRate = chance.pick([0, 0, 0.1]);
    const killRate = chance.pick([0, 0, 0.3]);
    const lengthMs = chance.pick([1, 20, 180]) * minuteMs;
    const anytime = () => chance.between(0, lengthMs);
    for (let left = chance.between(1, 15); left > 0; left--)
      this.#time.after(anytime(), () => this.#website.speak());
    for (let left = chance.between(0, 3); left > 0; left--) this.#time.after(anytime(), () => this.#leave());
    for (let left = chance.between(0, 4); left > 0; left--)
      this.#time.after(anytime(), () => void this.#sync(killRate));
    for (let left = chance.between(1, 20); left > 0; left--)
      this.#time.after(anytime(), () => void this.#push(killRate));
    await this.#time.passAll();
  }

  /** From now on nothing fails, and nobody says anything: every message is done in the end. */
  async drained(): Promise<void> {
    this.#network.failureRate = 0;
    this.#bucket.failureRate = 0;
    this.#queue.failureRate = 0;
    for (let round = 0; this.#queue.length > 0 && round < mostRounds; round++) {
      await this.#pass(roundMs);
      await this.#andPass(this.#push(0));
    }
    if (this.#queue.length > 0) this.#break("lost", `${this.#queue.length} messages are never done`);
    // What is forgotten, a sync mends.
    if (!this.#mayForget) this.#checkReaders("once the queue is empty");
  }

  async synced(): Promise<void> {
    // A killed run may have left a lock.
    await this.#pass(roundMs);
    const before = this.#recorder.writes.length;
    const { error } = await this.#andPass(this.#sync(0));
    const mayWait = this.#mayForget && error?.name === "UnsafePlanError";
    if (error !== undefined && !mayWait) this.#break("undo", `an undisturbed sync failed: ${error.stack}`);
    this.#checkReaders("after a sync");
    const isIdle = this.#recorder.writes.length === before;
    if (!isIdle && !this.#mayForget) this.#break("inStep", "the sync had something to do");
  }

  #checkReaders(when: string): void {
    for (const { email, wanted, since } of this.#website.differences()) {
      if (!wanted) this.#break("undo", `a reader who left is subscribed ${when}`);
      else if (!this.#mayForget && !mayBeUnheard(email, since, this.#recorder.writes))
        this.#break("lost", `a reader who came is not subscribed ${when}`);
    }
  }

  #break(promise: keyof typeof pushPromises, how: string): void {
    this.broken.push(`${pushPromises[promise]}: ${how}`);
  }

  /** No call closes the window between the last look and a write; docs/simulation.md measures it. */
  #leave(): void {
    if (this.#atWork === 0) this.#website.leaveAtProvider();
    else this.#time.after(1_000, () => this.#leave());
  }

  async #pass(ms: number): Promise<void> {
    this.#time.after(ms, () => undefined);
    await this.#time.passAll();
  }

  async #andPass<Result>(work: Promise<Result>): Promise<Result> {
    await this.#time.passAll();
    return await work;
  }

  #dependenciesOf(invocation: Invocation) {
    return {
      lists: { daily: this.#configuration },
      store: this.#bucket.storeFor(invocation),
      clock: this.#time,
      providerOf: () => this.#providerOf(invocation),
      openSource: () => this.#database.open(invocation),
      openSink: () => undefined,
      optInsOf: () => undefined,
    };
  }

  #providerOf(invocation: Invocation) {
    const send = this.#network.sendFor(invocation);
    const { random } = this.#chance;
    return createOwnpageProvider({
      configuration: {
        kind: "ownpage",
        baseUrl: "https://provider.invalid/v1",
        secret: "newsletter-sync/ownpage",
        concurrency: 2,
      },
      listId,
      timeZone: "Europe/Paris",
      pageRows: 30,
      readSecret: async () => ({ client: "demo", apiKey: "demo-key" }),
      http: createHttp({ timeoutMs: 60_000, retries: 5, clock: this.#time, random, send }),
      deadline: invocation.run.deadline.getTime(),
    });
  }

  #sync(killRate: number) {
    return this.#invoke(killRate, (invocation) =>
      syncSubscribers({ list: "daily", mode: "apply" }, this.#dependenciesOf(invocation), invocation.run),
    );
  }

  #push(killRate: number) {
    const batch = this.#queue.receive();
    if (batch.length === 0) return Promise.resolve({ error: undefined });
    return this.#invoke(killRate, async (invocation) => {
      const run = invocation.run as unknown as Run<PushReport>;
      let failure: Error | undefined;
      const failed = await answerDeliveries(batch, {
        queue: this.#queue.seenBy(invocation),
        push: (_list, messages) =>
          pushChanges({ list: "daily", messages, share: 1 }, this.#dependenciesOf(invocation), run).catch(
            (error: Error) => {
              failure = error;
            },
          ),
      });
      this.#queue.remove(batch.filter(({ id }) => !failed.includes(id)));
      if (failure !== undefined) throw failure;
    });
  }

  async #invoke(
    killRate: number,
    work: (invocation: Invocation) => Promise<unknown>,
  ): Promise<{ error?: Error | undefined }> {
    const isKilled = this.#chance.happens(killRate);
    const invocation = new Invocation({
      id: `run-${++this.#invocations}`,
      time: this.#time,
      limitMs,
      killedAtStep: isKilled ? this.#chance.between(1, 60) : undefined,
      onLog: () => undefined,
      onOverdue: () => this.broken.push("an invocation did not stop in time"),
    });
    this.#atWork++;
    const ending = work(invocation).then(
      () => undefined,
      (error: Error) => error,
    );
    const ended = Promise.race([ending, invocation.ended]);
    const error = await ended;
    this.#atWork--;
    if (invocation.isKilled) this.#mayForget = true;
    else invocation.end();
    this.endings.push(invocation.isKilled ? "killed" : (error?.name ?? "done"));
    return { error };
  }
}
