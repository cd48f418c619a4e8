import type { ListConfiguration } from "../../functions/configuration.ts";
import { createHttp } from "../../functions/platform/http/http.ts";
import { approvalKey } from "../../functions/platform/storage/object-keys.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import type { Chance } from "./chance.ts";
import { DayMemory } from "./day-memory.ts";
import { FussyProvider } from "./fussy-provider.ts";
import type { Invocation } from "./invocation.ts";
import { ProviderRecorder } from "./provider-recorder.ts";
import { makeRandomEdit, optOutOneOf } from "./random-edits.ts";
import { type EditTargets, randomEmail } from "./random-readers.ts";
import { anchorRow, listId, populate, randomAccount, randomConfiguration } from "./random-world.ts";
import { ReturnRules } from "./return-rules.ts";
import { Rules } from "./rules.ts";
import { SimulatedBucket } from "./simulated-bucket.ts";
import { isUsable, SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedSink } from "./simulated-sink.ts";
import { SimulatedTime } from "./simulated-time.ts";

const start = Date.UTC(2026, 0, 5);

/** Both sides of a list, drawn at random, and everything between them. */
export class World {
  readonly time = new SimulatedTime(start);
  readonly recorder: ProviderRecorder;
  readonly rules: Rules;
  readonly returnRules: ReturnRules;
  readonly #chance: Chance;
  readonly #configuration: ListConfiguration;
  readonly #targets: EditTargets;
  readonly #bucket: SimulatedBucket;
  readonly #network: SimulatedNetwork;
  readonly #sink: SimulatedSink;
  readonly #day: DayMemory;
  readonly #concurrency: number;
  readonly #pageRows: number;
  readonly #provider = new FussyProvider(this.time);

  constructor(chance: Chance) {
    const { time } = this;
    this.#chance = chance;
    this.#concurrency = chance.between(1, 4);
    this.#pageRows = chance.between(2, 5);
    this.#configuration = randomConfiguration(chance);
    const account = randomAccount(chance, { time, provider: this.#provider });
    const list = account.lists.get(listId)!;
    const database = new SimulatedDatabase(chance, time);
    this.#targets = { chance, readers: chance.pick([3, 12]), time, list, database };
    this.#bucket = new SimulatedBucket(chance, time, {
      onMemoryLost: () => {
        this.rules.onMemoryLost();
        this.#day.forget();
      },
      onMemoryUnread: (invocation, key) => this.rules.onMemoryUnread(invocation, key),
      onBudgetRead: (invocation, isLost) => this.#day.onRead(invocation, isLost),
      onBudgetLost: () => this.#day.onLost(),
    });
    this.recorder = new ProviderRecorder(list, time, {
      onRequest: (invocation) => this.rules.onRequest(invocation),
      onSend: (invocation, rows) => this.rules.onSend(invocation, rows),
      onWrite: (write) => {
        this.#day.onWrite(write.invocation);
        this.rules.onWrite(write);
      },
      onUncheckedResubscription: () => this.rules.break("optOut", "a reader was not looked up"),
    });
    const { recorder } = this;
    const beforeWrite = (emails: readonly string[]) => {
      optOutOneOf(emails, this.#targets);
      this.rules.onEdit();
    };
    const provider = this.#provider;
    this.#network = new SimulatedNetwork({ chance, time, account, provider, recorder, beforeWrite });
    this.#sink = new SimulatedSink(chance, time, {
      database,
      onTaken: (taking) => this.returnRules.onTaken(taking),
      onGivenUp: (invocation, since) => this.returnRules.onGivenUp(invocation, since),
    });
    const watched = {
      configuration: this.#configuration,
      time,
      list,
      database,
      provider,
      recorder,
      objects: this.#bucket.objects,
      showsData: account.options.returnsData,
    };
    this.rules = new Rules(watched);
    this.#day = new DayMemory({ recorder, database, time, watched: this.rules.watched });
    this.returnRules = new ReturnRules(this.rules, { ...watched, sink: this.#sink });
    populate(this.#targets);
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
    this.#sink.failureRate = chance.pick([0, 0, 0.1, 0.5]);
    if (chance.happens(0.3)) this.#provider.refused = this.#randomEmails();
    if (chance.happens(0.2)) this.#provider.failing = this.#randomEmails();
    this.#provider.takesOthers = chance.happens(0.3);
  }

  /** From now on nothing fails, and nobody changes anything; some rows may be refused for ever. */
  calm(): void {
    this.#network.overtakingRate = 0;
    this.#network.failureRate = 0;
    this.#bucket.failureRate = 0;
    this.#targets.database.failureRate = 0;
    this.#sink.failureRate = 0;
    if (this.#chance.happens(0.5)) this.#provider.refused = new Set();
    if (this.#chance.happens(0.5)) this.#provider.failing = new Set();
    const { list } = this.#targets;
    // Otherwise nobody can know whether the provider shows such fields.
    if (![...list.values()].some((row) => row["data_firstname"])) list.set(anchorRow);
    const { database } = this.#targets;
    const spare = { email: "reader1@example.fr", subscribed: true };
    if (this.#configuration.returns === undefined) database.freeze(spare);
    else if (!database.rows.some(isUsable)) database.rows = [...database.rows, spare];
  }

  /** If the database is told of readers, lets the file that runs read show it. */
  exportAnew(): void {
    const { database } = this.#targets;
    if (this.#configuration.returns !== undefined && database.isExported) database.export();
  }

  /** A person has had a plan applied, so the schedules may begin. */
  async approve(): Promise<void> {
    this.rules.isApproved = true;
    await this.#bucket.objects.put(approvalKey("daily"), new Uint8Array());
  }

  /** Whether the provider lately did not take some rows, which may be planned again. */
  get isFussy(): boolean {
    return this.#provider.hasRefusedAny;
  }

  /** Whether the provider fails at some rows. */
  get isFailing(): boolean {
    return this.#provider.failing.size > 0;
  }

  /** Lets a reader, an editor, or somebody at the publisher change something. */
  edit(): void {
    makeRandomEdit(this.#targets);
    this.rules.onEdit();
  }

  /** Loses or damages what runs remember. */
  async harmMemory(): Promise<void> {
    await this.#bucket.harmMemory();
  }

  /** Runs the function. */
  async run(event: SyncEvent, invocation: Invocation): Promise<void> {
    const dependencies = {
      lists: { daily: this.#configuration },
      store: this.#bucket.storeFor(invocation),
      providerOf: () => this.#providerOf(invocation),
      openSource: () => this.#targets.database.open(invocation),
      clock: this.time,
      openSink: () => this.#configuration.returns && this.#sink.sinkFor(invocation),
    };
    await syncSubscribers(event, dependencies, invocation.run).finally(() => this.#day.onEnd(invocation));
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

  #randomEmails(): ReadonlySet<string> {
    const emails = [randomEmail(this.#targets), randomEmail(this.#targets)];
    return new Set(emails.map((email) => email.toLowerCase()));
  }
}
