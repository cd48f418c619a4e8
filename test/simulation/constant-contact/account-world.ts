import type { ListConfiguration } from "../../../functions/configuration.ts";
import { createHttp } from "../../../functions/platform/http/http.ts";
import { approvalKey, exchangePrefixes } from "../../../functions/platform/storage/object-keys.ts";
import { accountName } from "../../../functions/providers/constant-contact/account-name.ts";
import { createConstantContactProvider } from "../../../functions/providers/constant-contact/constant-contact-provider.ts";
import type { SyncEvent } from "../../../functions/sync-subscribers/event.ts";
import { syncSubscribers } from "../../../functions/sync-subscribers/sync-subscribers.ts";
import type { Call } from "../../../infra/sandbox/call.ts";
import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Activity } from "../../../infra/sandbox/constant-contact/activities.ts";
import type { Chance } from "../chance.ts";
import type { Invocation } from "../invocation.ts";
import { editRows } from "../random-edits.ts";
import { type RowTargets, randomEmail, randomRow } from "../random-readers.ts";
import { SimulatedBucket } from "../simulated-bucket.ts";
import { type DatabaseRow, isUsable, SimulatedDatabase } from "../simulated-database.ts";
import { SimulatedSink, type Taking } from "../simulated-sink.ts";
import { SimulatedTime } from "../simulated-time.ts";
import { editAccount, leaveOneOf } from "./account-edits.ts";
import { AccountNetwork, baseUrl, tokenUrl } from "./account-network.ts";
import { AccountRules } from "./account-rules.ts";
import { AccountWatch } from "./account-watch.ts";
import { type ListName, listIds, randomAccount, randomActivity } from "./random-account.ts";
import { randomListConfiguration } from "./random-list.ts";
import { SimulatedSecret } from "./simulated-secret.ts";

const start = Date.UTC(2026, 0, 5);
const secretName = "newsletter-sync/constant-contact";
const mirrorFolder = `${exchangePrefixes.mirror}${accountName(secretName)}/`;
/** How long after an import of them readers may think better of it. */
const mostRegretMs = 3 * 3_600_000;
/** An activity that ends at all takes no longer, even if nobody looks at it. */
const longestActivityMs = 2 * 3_600_000;
/** More often than any activity is seen unfinished. */
const manyPolls = 10;
const names = Object.keys(listIds) as ListName[];

/** An account that is primary, two databases beside it, and everything between them. */
export class AccountWorld {
  readonly time = new SimulatedTime(start);
  readonly account: Account;
  readonly watch: AccountWatch;
  readonly rules: AccountRules;
  readonly databases: Readonly<Record<ListName, SimulatedDatabase>>;
  readonly sinks: Readonly<Record<ListName, SimulatedSink>>;
  readonly configuration: ListConfiguration;
  /** Addresses that the provider does not take. */
  refused: ReadonlySet<string> = new Set();
  readonly #chance: Chance;
  readonly #targets: RowTargets;
  readonly #bucket: SimulatedBucket;
  readonly #network: AccountNetwork;
  readonly #secret: SimulatedSecret;
  #overtakingRate = 0;
  #activityRate = 0;

  constructor(chance: Chance) {
    const { time } = this;
    this.#chance = chance;
    this.#targets = { chance, readers: chance.pick([3, 12]), time };
    this.configuration = randomListConfiguration(chance);
    this.account = randomAccount(this.#targets, (email) => !this.refused.has(email.toLowerCase()));
    this.watch = new AccountWatch(this.account);
    const nothing = () => undefined;
    const unwatched = { onMemoryLost: nothing, onMemoryUnread: nothing, onBudgetRead: nothing };
    this.#bucket = new SimulatedBucket(chance, time, { ...unwatched, onBudgetLost: nothing });
    this.databases = {
      daily: new SimulatedDatabase(chance, time),
      weekly: new SimulatedDatabase(chance, time),
    };
    this.sinks = { daily: this.#sinkOf("daily"), weekly: this.#sinkOf("weekly") };
    this.#secret = new SimulatedSecret(chance, time, this.account);
    this.rules = new AccountRules({
      ...this,
      objects: this.#bucket.objects,
      accountName: accountName(secretName),
      tokens: this.#secret.tokens,
    });
    this.#network = this.#createNetwork();
    for (const name of names) this.#populate(name);
  }

  /** Equal if all requests and their answers are. */
  get digest(): string {
    return this.#network.digest;
  }

  /** From now on anything may fail, at random rates. */
  disturb(): void {
    const chance = this.#chance;
    const failureRate = chance.pick([0, 0.02, 0.1, 0.3]);
    this.#network.failureRate = failureRate;
    this.#network.pageRows = chance.between(2, 6);
    // A look may take as long as its retries.
    this.rules.longestWindowMs = this.account.options.indexLagMs + (failureRate === 0 ? 20_000 : 600_000);
    this.#overtakingRate = chance.pick([0, 0.1, 0.5]);
    this.#activityRate = chance.pick([0, 0, 0.3]);
    this.#bucket.failureRate = chance.pick([0, 0, 0.02, 0.1]);
    this.#secret.failureRate = chance.pick([0, 0, 0.3]);
    if (chance.happens(0.2)) this.refused = new Set([randomEmail(this.#targets).toLowerCase()]);
    for (const name of names) {
      this.databases[name].failureRate = chance.pick([0, 0, 0.05]);
      this.sinks[name].failureRate = chance.pick([0, 0, 0.1, 0.5]);
    }
  }

  /** From now on nothing fails, and nobody changes anything; a person has authorised anew. */
  calm(): void {
    this.#network.failureRate = 0;
    this.#network.pageRows = undefined;
    this.#bucket.failureRate = 0;
    this.#secret.failureRate = 0;
    this.#overtakingRate = 0;
    this.#activityRate = 0;
    this.account.quota.usedToday = 0;
    this.account.activities.plans.length = 0;
    this.#secret.connect();
    for (const name of names) {
      const database = this.databases[name];
      database.failureRate = 0;
      this.sinks[name].failureRate = 0;
      const spare = { email: "reader1@example.fr", subscribed: true };
      if (!database.rows.some(isUsable)) database.rows = [...database.rows, spare];
    }
  }

  /** From now on it costs as much to read the account as if it were large; a provider that does not filter has it read each time. */
  enlarge(): void {
    if (this.account.options.optOutWindow === "with any status") this.#network.pageRows = 1;
  }

  /** Lets the files that runs read show the databases as they are. */
  exportAnew(): void {
    for (const database of Object.values(this.databases)) if (database.isExported) database.export();
  }

  /** A person authorises the application anew, as an error said. */
  connect(): void {
    this.#secret.connect();
  }

  /** A person has had a plan of each list applied, so the schedules may begin. */
  async approve(): Promise<void> {
    for (const name of names) await this.#bucket.objects.put(approvalKey(name), new Uint8Array());
  }

  /** Lets a reader, an editor, or somebody at the publisher change something; or the quota ends. */
  edit(): void {
    const chance = this.#chance;
    const database = this.databases[chance.pick(names)];
    if (chance.happens(0.02)) this.account.quota.usedToday = 10_000 - chance.between(0, 20);
    else if (chance.happens(0.05)) this.account.tokens.expireAccessTokens();
    else if (database.isExported && chance.happens(0.2)) database.export();
    else if (chance.happens(0.5)) this.#edited(() => editAccount(this.account, this.#targets));
    else database.rows = editRows(database.rows, this.#targets);
  }

  /** Loses or damages a part of the mirror. */
  async harmMirror(): Promise<void> {
    const { objects } = this.#bucket.objects;
    const known = [...objects.keys()].filter((key) => key.startsWith(mirrorFolder));
    if (known.length === 0) return;
    const key = this.#chance.pick(known);
    const { bytes } = objects.get(key)!;
    this.rules.onMirrorLost(key);
    if (this.#chance.happens(0.5)) objects.delete(key);
    else await this.#bucket.objects.put(key, bytes.subarray(0, this.#chance.between(0, bytes.length - 1)));
  }

  /** Runs the function. */
  async run(event: SyncEvent, invocation: Invocation): Promise<void> {
    const name = event.list as ListName;
    const database = this.databases[name];
    if (name === "weekly") database.rows = database.rows.map(withoutFields);
    const { configuration } = this;
    const dependencies = {
      lists: {
        daily: configuration,
        weekly: { ...configuration, id: listIds.weekly, providerFields: [] },
      },
      store: this.#bucket.storeFor(invocation),
      providerOf: (_list: object, { note }: { note(text: string): void }) =>
        this.#providerOf(name, invocation, note),
      openSource: () => database.open(invocation),
      clock: this.time,
      openSink: () => this.sinks[name].sinkFor(invocation),
    };
    await syncSubscribers(event, dependencies, invocation.run);
  }

  #providerOf(name: ListName, invocation: Invocation, note: (text: string) => void) {
    const { time } = this;
    const { joinKnown } = this.configuration;
    return createConstantContactProvider({
      configuration: { kind: "constant-contact", secret: secretName, baseUrl, tokenUrl },
      list: { name, listId: listIds[name], joinKnown },
      ...this.#secret.accessFor(invocation),
      store: this.#bucket.storeFor(invocation),
      clock: time,
      http: createHttp({
        timeoutMs: 60_000,
        retries: 8,
        clock: time,
        random: this.#chance.random,
        send: this.#network.sendFor(invocation),
      }),
      deadline: invocation.run.deadline.getTime(),
      random: this.#chance.random,
      note,
    });
  }

  #createNetwork(): AccountNetwork {
    const { time, account, rules, watch } = this;
    const chance = this.#chance;
    return new AccountNetwork({
      chance,
      time,
      account,
      onSent: (...sent) => rules.onSent(...sent),
      onArrival: (invocation, call) => {
        this.#settle();
        watch.observe("runs");
        if (call.path.startsWith("/activities/") && call.method === "POST") this.#beforeActivity(call);
        // Just before a run looks at whom it is about to import.
        if (call.path === "/activities" && chance.happens(this.#overtakingRate))
          this.#leave([...watch.addresses], chance.pick(Object.values(listIds)));
        rules.onArrival(invocation, call);
      },
      onHandled: (...handled) => {
        watch.observe("runs");
        rules.onHandled(...handled);
      },
      onDelivered: (...delivered) => rules.onDelivered(...delivered),
    });
  }

  #beforeActivity({ body }: Call): void {
    const chance = this.#chance;
    const { activities, options } = this.account;
    const plan = chance.happens(this.#activityRate) ? randomActivity(this.#targets) : undefined;
    // Two without an end would fill a short queue for good.
    const isEndless = plan?.ends === "never" && options.queuedActivities < 1_000;
    if (plan !== undefined && !isEndless) activities.plans.push(plan);
    const { import_data: rows = [], list_ids } = body as ActivityBody;
    const emails = rows.map(({ email }) => email);
    const leave = () => this.#leave(emails, list_ids[0]);
    if (chance.happens(this.#overtakingRate)) leave();
    if (chance.happens(this.#overtakingRate)) this.time.after(chance.between(0, mostRegretMs), leave);
  }

  /** One of these readers leaves. */
  #leave(emails: readonly string[], listId: string): void {
    this.#edited(() => leaveOneOf(emails, { listId, account: this.account, targets: this.#targets }));
  }

  /** What is due at the provider is done. */
  #settle(): void {
    const { activities } = this.account;
    const now = this.account.now();
    const isLate = ({ endedAt, createdAt }: Activity) =>
      endedAt === undefined && now.getTime() - createdAt.getTime() >= longestActivityMs;
    const late = activities.values(now).filter(isLate);
    for (let polls = 0; late.length > 0 && polls < manyPolls; polls++)
      activities.poll(
        late.map(({ id }) => id),
        now,
      );
    this.account.settle();
  }

  #edited(edit: () => void): void {
    this.#settle();
    this.watch.observe("runs");
    edit();
    this.watch.observe("people");
  }

  #sinkOf(name: ListName): SimulatedSink {
    const nothing = () => undefined;
    const database = this.databases[name];
    const onTaken = (taking: Taking) => this.rules.onTaken(taking, name);
    return new SimulatedSink(this.#chance, this.time, { database, onTaken, onGivenUp: nothing });
  }

  #populate(name: ListName): void {
    const chance = this.#chance;
    const database = this.databases[name];
    database.rows = Array.from({ length: chance.between(1, 12) }, () => randomRow(this.#targets));
    if (chance.happens(0.4)) database.export();
  }
}

interface ActivityBody {
  readonly import_data?: readonly { readonly email: string }[];
  readonly list_ids: readonly [string];
}

/** A contact has fields for all lists: two databases that name a reader differently would never come to rest. */
function withoutFields({ guid: _guid, firstName: _name, ...row }: DatabaseRow): DatabaseRow {
  return row;
}
