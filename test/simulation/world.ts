import { type ListConfiguration, listSchema } from "../../functions/configuration.ts";
import { createHttp } from "../../functions/platform/http/http.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import { Account } from "../../infra/sandbox/ownpage/account.ts";
import type { Chance } from "./chance.ts";
import {
  anchor,
  type Edited,
  editSomething,
  leaveOneOf,
  populateProvider,
  someEmail,
  someRow,
} from "./edits.ts";
import type { Invocation } from "./invocation.ts";
import { Rules } from "./rules.ts";
import { SimulatedBucket } from "./simulated-bucket.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Witness } from "./witness.ts";

const listId = 123;
const start = Date.UTC(2026, 0, 5);

/** Both sides of a list, drawn at random, and all that is between them. */
export class World {
  readonly time = new SimulatedTime(start);
  readonly witness: Witness;
  readonly rules: Rules;
  readonly #chance: Chance;
  readonly #configuration: ListConfiguration;
  readonly #edited: Edited;
  readonly #bucket: SimulatedBucket;
  readonly #network: SimulatedNetwork;
  readonly #concurrency: number;
  readonly #pageRows: number;
  /** Addresses that the provider does not take. */
  #refused: ReadonlySet<string> = new Set();

  constructor(chance: Chance) {
    const { time } = this;
    this.#chance = chance;
    this.#concurrency = chance.between(1, 4);
    this.#pageRows = chance.between(2, 5);
    this.#configuration = someConfiguration(chance);
    const account = this.#openAccount();
    const list = account.lists.get(listId)!;
    const database = new SimulatedDatabase(chance, time);
    this.#edited = { chance, readers: chance.pick([3, 12]), time, list, database };
    this.#bucket = new SimulatedBucket(chance, time);
    this.witness = new Witness(list, time, {
      onRequest: (invocation) => this.rules.onRequest(invocation),
      onWrite: (write) => this.rules.onWrite(write),
      onUnseen: () => this.rules.breakRule("a resubscription was sent without a look"),
    });
    const { witness } = this;
    const meanwhile = (emails: readonly string[]) => {
      leaveOneOf(emails, this.#edited);
      this.rules.onEdit();
    };
    this.#network = new SimulatedNetwork({ chance, time, account, witness, meanwhile });
    const { returnsData: showsData } = account.options;
    const { objects } = this.#bucket;
    this.rules = new Rules({
      configuration: this.#configuration,
      list,
      database,
      witness,
      objects,
      showsData,
    });
    this.#populate();
  }

  /** From now on anything may fail, as often as chance has it. */
  disturb(): void {
    const chance = this.#chance;
    const failureRate = chance.pick([0, 0.02, 0.1, 0.3]);
    this.#network.failureRate = failureRate;
    // Each request takes 200 ms at the most, and now and then a token has to be renewed.
    if (failureRate === 0)
      this.rules.longestWindowMs = 400 * (2 + Math.min(20, this.#configuration.batchSize));
    this.#network.overtakingRate = chance.pick([0, 0.1, 0.5]);
    this.#bucket.failureRate = chance.pick([0, 0, 0.02, 0.1]);
    this.#edited.database.failureRate = chance.pick([0, 0, 0.05]);
    if (chance.happens(0.3)) this.#refused = new Set([someEmail(this.#edited), someEmail(this.#edited)]);
  }

  /** From now on nothing fails, and nobody does anything. */
  calm(): void {
    this.#network.overtakingRate = 0;
    this.#network.failureRate = 0;
    this.#bucket.failureRate = 0;
    this.#edited.database.failureRate = 0;
    this.#refused = new Set();
  }

  /** A reader, or somebody at the publisher, does something. */
  edit(): void {
    editSomething(this.#edited);
    this.rules.onEdit();
  }

  /** The function at work. */
  async run(event: SyncEvent, invocation: Invocation): Promise<void> {
    const dependencies = {
      lists: { daily: this.#configuration },
      store: this.#bucket.storeOf(invocation),
      providerOf: () => this.#providerOf(invocation),
      openSource: () => this.#edited.database.open(invocation),
    };
    await syncSubscribers(event, dependencies, invocation.run);
  }

  #providerOf(invocation: Invocation) {
    const http = createHttp({
      timeoutMs: 60_000,
      retries: 5,
      clock: this.time,
      random: this.#chance.random,
      send: this.#network.sendOf(invocation),
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
    const edited = this.#edited;
    const { chance, list, database } = edited;
    database.rows = Array.from({ length: chance.between(1, 12) }, () => someRow(edited));
    list.set({ email: anchor, data_firstname: "Ana" });
    for (let left = chance.between(0, 12); left > 0; left--) populateProvider(edited);
  }
}

function someConfiguration(chance: Chance): ListConfiguration {
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
