import { type ListConfiguration, listSchema } from "../../functions/configuration.ts";
import { createHttp } from "../../functions/platform/http/http.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import { Account } from "../../infra/sandbox/ownpage/account.ts";
import type { Chance } from "./chance.ts";
import type { Invocation } from "./invocation.ts";
import { ProviderRecorder } from "./provider-recorder.ts";
import {
  anchor,
  type EditTargets,
  makeRandomEdit,
  optOutOneOf,
  populateProvider,
  randomEmail,
  randomRow,
} from "./random-edits.ts";
import { Rules } from "./rules.ts";
import { SimulatedBucket } from "./simulated-bucket.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedTime } from "./simulated-time.ts";

const listId = 123;
const start = Date.UTC(2026, 0, 5);

/** Both sides of a list, drawn at random, and everything between them. */
export class World {
  readonly time = new SimulatedTime(start);
  readonly recorder: ProviderRecorder;
  readonly rules: Rules;
  readonly #chance: Chance;
  readonly #configuration: ListConfiguration;
  readonly #targets: EditTargets;
  readonly #bucket: SimulatedBucket;
  readonly #network: SimulatedNetwork;
  readonly #concurrency: number;
  readonly #pageRows: number;
  /** Addresses that the provider refuses. */
  #refused: ReadonlySet<string> = new Set();

  constructor(chance: Chance) {
    const { time } = this;
    this.#chance = chance;
    this.#concurrency = chance.between(1, 4);
    this.#pageRows = chance.between(2, 5);
    this.#configuration = randomConfiguration(chance);
    const account = this.#openAccount();
    const list = account.lists.get(listId)!;
    const database = new SimulatedDatabase(chance, time);
    this.#targets = { chance, readers: chance.pick([3, 12]), time, list, database };
    this.#bucket = new SimulatedBucket(chance, time);
    this.recorder = new ProviderRecorder(list, time, {
      onRequest: (invocation) => this.rules.onRequest(invocation),
      onWrite: (write) => this.rules.onWrite(write),
      onUncheckedResubscription: () => this.rules.breakRule("a resubscription was sent without a look-up"),
    });
    const { recorder } = this;
    const beforeWrite = (emails: readonly string[]) => {
      optOutOneOf(emails, this.#targets);
      this.rules.onEdit();
    };
    this.#network = new SimulatedNetwork({ chance, time, account, recorder, beforeWrite });
    const { returnsData: showsData } = account.options;
    const { objects } = this.#bucket;
    this.rules = new Rules({
      configuration: this.#configuration,
      list,
      database,
      recorder,
      objects,
      showsData,
    });
    this.#populate();
  }

  /** From now on anything may fail, at random rates. */
  disturb(): void {
    const chance = this.#chance;
    const failureRate = chance.pick([0, 0.02, 0.1, 0.3]);
    this.#network.failureRate = failureRate;
    // A request takes at most 200 ms, and now and then a token has to be renewed.
    if (failureRate === 0)
      this.rules.longestWindowMs = 400 * (2 + Math.min(20, this.#configuration.batchSize));
    this.#network.overtakingRate = chance.pick([0, 0.1, 0.5]);
    this.#bucket.failureRate = chance.pick([0, 0, 0.02, 0.1]);
    this.#targets.database.failureRate = chance.pick([0, 0, 0.05]);
    if (chance.happens(0.3))
      this.#refused = new Set([randomEmail(this.#targets), randomEmail(this.#targets)]);
  }

  /** From now on nothing fails, and nobody changes anything. */
  calm(): void {
    this.#network.overtakingRate = 0;
    this.#network.failureRate = 0;
    this.#bucket.failureRate = 0;
    this.#targets.database.failureRate = 0;
    this.#refused = new Set();
  }

  /** Lets a reader, or somebody at the publisher, change something. */
  edit(): void {
    makeRandomEdit(this.#targets);
    this.rules.onEdit();
  }

  /** Runs the function. */
  async run(event: SyncEvent, invocation: Invocation): Promise<void> {
    const dependencies = {
      lists: { daily: this.#configuration },
      store: this.#bucket.storeFor(invocation),
      providerOf: () => this.#providerOf(invocation),
      openSource: () => this.#targets.database.open(invocation),
    };
    await syncSubscribers(event, dependencies, invocation.run);
  }

  #providerOf(invocation: Invocation) {
    const http = createHttp({
      timeoutMs: 60_000,
      retries: 5,
      clock: this.time,
      random: this.#chance.random,
      send: this.#network.sendFor(invocation),
    });
    return createOwnpageProvider({
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
      deadline: invocation.run.deadline.getTime(),
    });
  }

  #openAccount(): Account {
    const chance = this.#chance;
    return new Account({
      now: () => new Date(this.time.now()),
      tokenForms: chance.pick(["both", "post", "get"]),
      tokenCalls: chance.pick([10, 30, Number.POSITIVE_INFINITY]),
      errorShape: chance.pick(["message", "cause"]),
      absentFields: chance.pick(["omitted", "null"]),
      returnsData: chance.happens(0.8),
      acceptsEmail: (email) => !this.#refused.has(email),
      lists: [{ id: listId }],
    });
  }

  #populate(): void {
    const targets = this.#targets;
    const { chance, list, database } = targets;
    database.rows = Array.from({ length: chance.between(1, 12) }, () => randomRow(targets));
    list.set({ email: anchor, data_firstname: "Ana" });
    for (let left = chance.between(0, 12); left > 0; left--) populateProvider(targets);
  }
}

function randomConfiguration(chance: Chance): ListConfiguration {
  return listSchema.parse({
    id: listId,
    source: { kind: "csv", uri: "s3://exports/daily.csv" },
    batchSize: chance.pick([1, 2, 3, 4, 30]),
    onlyAtProvider: chance.pick(["unsubscribe", "keep"]),
    resubscribeBounced: chance.happens(0.2),
    limits: {
      unsubscribe: { ratio: chance.pick([0.1, 0.5, 1]), floor: chance.between(0, 3) },
      subscribe: { ratio: chance.pick([0.5, 1]), floor: chance.between(0, 6) },
    },
  });
}
