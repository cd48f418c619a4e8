import { inspect } from "node:util";
import type { ListConfiguration } from "../../../functions/configuration.ts";
import { NewsletterSyncError } from "../../../functions/domain/errors.ts";
import { mirrorStateKey } from "../../../functions/platform/storage/object-keys.ts";
import type { SyncEvent } from "../../../functions/sync-subscribers/event.ts";
import type { Answer } from "../../../infra/sandbox/answer.ts";
import type { Call } from "../../../infra/sandbox/call.ts";
import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { Contact } from "../../../infra/sandbox/constant-contact/contact.ts";
import type { InMemoryStore } from "../../support/in-memory-store.ts";
import { allowed } from "../day-limits.ts";
import type { Invocation } from "../invocation.ts";
import { S3Failure } from "../simulated-bucket.ts";
import type { SimulatedDatabase } from "../simulated-database.ts";
import type { Taking } from "../simulated-sink.ts";
import { type AccountPromise, accountPromises } from "./account-promises.ts";
import { type AccountWatch, isSubscribed } from "./account-watch.ts";
import { BegunActivities } from "./begun-activities.ts";
import { consentIn, wordOf } from "./database-word.ts";
import { EmptyLists } from "./empty-lists.ts";
import { KnownMembers } from "./known-members.ts";
import { type ListName, listIds } from "./random-account.ts";
import { ToldDepartures } from "./told-departures.ts";

interface RulesOptions {
  readonly account: Account;
  readonly watch: AccountWatch;
  readonly objects: InMemoryStore;
  /** The name of the account in object keys. */
  readonly accountName: string;
  readonly configuration: ListConfiguration;
  readonly databases: Readonly<Record<ListName, SimulatedDatabase>>;
  /** All tokens that there were. */
  readonly tokens: ReadonlySet<string>;
}

/** One invocation, and what it has done. */
interface Watched {
  readonly invocation: Invocation;
  readonly event: SyncEvent;
  readonly list: ListName;
  readonly wasEmpty: boolean;
  readonly removed: Set<string>;
  readonly joined: Set<string>;
  /** Whom it imported although they had just been deleted, as far as it could not know: it does not know the new contact. */
  readonly createdAnew: Set<string>;
  /** What the contacts are that it was last shown not to be on the list. */
  readonly away: Map<string, "unfit" | "outside">;
  requests: number;
  writes: number;
  /** When it was last given contacts. */
  lookedAt: number;
}

/** How long before an import its readers are looked at: five seconds, and what a new token may take. */
const longestSinceLookMs = 60_000;
const secrets = /reader\d+|example\.fr|demo-secret|demo-refresh/i;

/** The promises that hold in every history of an account, whatever happens. */
export class AccountRules {
  readonly broken: string[] = [];
  readonly known: KnownMembers;
  /** How long a look may be older than the import that it was for, in ms. */
  longestWindowMs = Number.POSITIVE_INFINITY;
  readonly #options: RulesOptions;
  readonly #watched = new Map<string, Watched>();
  /** When runs removed contacts from lists, as far as they had to think that they were on them. */
  readonly #removedAt = new Map<string, number>();
  /** When a run was last shown contacts on lists. */
  readonly #shownOnAt = new Map<string, number>();
  readonly #empty = new EmptyLists();
  readonly begun: BegunActivities;
  readonly #told: ToldDepartures;
  #beganAt: number | undefined;
  /** Since when nothing of the mirror was lost that a run has not noticed. */
  #intactSince: number | undefined;
  #lostAt = 0;
  readonly #lostKeys = new Set<string>();

  constructor(options: RulesOptions) {
    this.#options = options;
    this.known = new KnownMembers(options.watch);
    this.begun = new BegunActivities(options.account);
    this.#told = new ToldDepartures(options.account, options.watch);
  }

  break(promise: AccountPromise, how: string): void {
    this.broken.push(`${accountPromises[promise]}: ${how}`);
  }

  checkText(text: string): void {
    const shown = secrets.test(text) || [...this.#options.tokens].some((token) => text.includes(token));
    if (shown) this.break("secret", text);
  }

  onStart(invocation: Invocation, event: SyncEvent): void {
    const list = event.list as ListName;
    const watched = {
      removed: new Set<string>(),
      joined: new Set<string>(),
      createdAnew: new Set<string>(),
      away: new Map<string, "unfit" | "outside">(),
      requests: 0,
      writes: 0,
      lookedAt: Number.NEGATIVE_INFINITY,
    };
    const wasEmpty = this.#options.watch.membersOf(listIds[list]).length === 0;
    this.#watched.set(invocation.id, { invocation, event, list, wasEmpty, ...watched });
    this.known.onStart(invocation);
  }

  onSent({ id }: Invocation, call: Call): void {
    const watched = this.#watched.get(id)!;
    watched.requests++;
    if (isImport(call) && this.#now - watched.lookedAt > longestSinceLookMs)
      this.break("away", "nobody was looked at just before");
    const atWork = [...this.#watched.values()].filter(
      ({ invocation, list, requests }) => list === watched.list && requests > 0 && !invocation.isOver,
    );
    if (atWork.length > 1) this.break("alone", `${atWork.length} do`);
  }

  /** Must be called before the provider handles a call. */
  onArrival(invocation: Invocation, call: Call): void {
    const watched = this.#watched.get(invocation.id)!;
    if (call.method === "GET" || !call.path.startsWith("/activities/")) return;
    watched.writes++;
    const { event } = watched;
    if ("mode" in event && event.mode !== "apply") this.break("plan", `${event.mode} did`);
    const { import_data: rows = [], source } = call.body as ImportBody;
    if (isImport(call) && this.begun.unfinished(invocation.id, watched.list, this.#lostAt).length > 0)
      this.break("alone", "an activity of an earlier run was not over");
    for (const { email } of rows) this.#onImport(email, watched);
    for (const id of source?.contact_ids ?? []) {
      const email = this.#options.account.contacts.get(id)?.email;
      if (email !== undefined) this.#onRemoval(email.toLowerCase(), watched);
      // Who left a moment before is not to be told from whom the run removed.
      if (!watched.away.has(id)) this.#removedAt.set(`${id} ${listIds[watched.list]}`, this.#now);
    }
    if (watched.wasEmpty && isImport(call)) this.#empty.onFilled(watched.list, this.#now);
    this.#checkLimits(watched);
  }

  /** To be called when the provider has handled a call. */
  onHandled({ id }: Invocation, call: Call, answer: Answer): void {
    const isBegun = call.method === "POST" && call.path.startsWith("/activities/") && answer.status < 300;
    if (!isBegun) return;
    const { import_data: rows = [] } = call.body as ImportBody;
    const { list } = this.#watched.get(id)!;
    this.begun.onBegun(id, { list, emails: rows.map(({ email }) => email) }, answer);
  }

  /** To be called with what a run was told, as the provider told it. */
  onDelivered(invocation: Invocation, call: Call, answer: Answer): void {
    if (call.path === "/contacts" && answer.status === 200) {
      this.#watched.get(invocation.id)!.lookedAt = this.#now;
      this.known.onShown(invocation, answer);
      this.#onShown(this.#watched.get(invocation.id)!, answer);
    }
    if (call.method === "GET" && call.path.startsWith("/activities/") && answer.status === 200)
      this.begun.onShown(answer);
    if (call.path.endsWith("_import") && answer.status < 300) {
      const { import_data: rows = [] } = call.body as ImportBody;
      // An index that lags does not show them in time.
      if (this.#options.account.options.indexLagMs > 0) return;
      const { createdAnew } = this.#watched.get(invocation.id)!;
      this.known.onImported(
        invocation,
        rows.map(({ email }) => email).filter((email) => !createdAnew.has(email)),
      );
    }
  }

  /** The database commits what it was told. */
  onTaken(taking: Taking, list: ListName): void {
    if (this.#told.madeUp(taking, list) > 0) this.break("told", "a run had taken the reader off the list");
  }

  /** Something of the mirror was lost or damaged. */
  onMirrorLost(key: string): void {
    this.#lostKeys.add(key);
    this.#intactSince = undefined;
    this.#lostAt = this.#now;
    this.known.forget();
    this.#told.forget();
  }

  onEnd(invocation: Invocation, error: Error | undefined): void {
    const { run } = invocation;
    this.checkText(inspect(error, { depth: null, showHidden: true }));
    this.checkText(JSON.stringify(run.report));
    if (error !== undefined && !(error instanceof NewsletterSyncError) && !(error instanceof S3Failure))
      this.break("end", `${error.stack}`);
    this.#checkBeginning(invocation);
    this.#empty.onEnd(this.#watched.get(invocation.id)!.list, run.report);
    if (error !== undefined && error.name !== "UnsafePlanError") return;
    this.known.onEnd(invocation, listIds[this.#watched.get(invocation.id)!.list]);
    if (run.startedAt.getTime() >= this.#lostAt) this.#intactSince ??= run.now().getTime();
  }

  /** Whom a killed run noted that it takes off the list counts as taken off: nothing tells whether it still asked for that. */
  onKilled({ id, run }: Invocation): void {
    const { list } = this.#watched.get(id)!;
    const { watch, databases, objects, accountName } = this.#options;
    const state = objects.objects.get(mirrorStateKey(accountName));
    if (state === undefined || !notesRemoval(state.bytes, listIds[list], run.startedAt)) return;
    for (const email of watch.addresses) {
      const { contact, isMember, leftAt = 0 } = watch.placeOf(email, listIds[list]);
      const wasThere = isMember || leftAt >= run.startedAt.getTime();
      if (wasThere && wordOf(databases[list].readBy.get(id)!, email) !== true)
        this.#removedAt.set(`${contact!.contact_id} ${listIds[list]}`, this.#now);
    }
  }

  /**
   * Whether a run took a contact off a list that had just left it, as nobody could tell the run in time; or one that was put
   * there again and left between two readings, with nothing that shows the reader's own hand.
   */
  looksRemoved(contact: Contact, list: ListName, leftAt: number): boolean {
    const key = `${contact.contact_id} ${listIds[list]}`;
    const removedAt = this.#removedAt.get(key);
    if (removedAt === undefined) return false;
    const isUnseen = (this.#shownOnAt.get(key) ?? Number.NEGATIVE_INFINITY) < removedAt;
    return removedAt >= leftAt || (isUnseen && byReaderAt(contact) <= removedAt);
  }

  /** Whether the mirror began anew since a time, and after the contact had come: then they may have left a list before. */
  wasForgotten({ created_at }: Contact, since: number): boolean {
    if (this.#options.configuration.joinKnown === "always") return false;
    const beganAt = this.#remembersSince;
    return Number.isFinite(beganAt) && beganAt >= since && Date.parse(created_at) <= beganAt;
  }

  requestsOf(invocation: string): number {
    return this.#watched.get(invocation)!.requests;
  }

  writesOf(invocation: string): number {
    return this.#watched.get(invocation)!.writes;
  }

  get #now(): number {
    return this.#options.account.now().getTime();
  }

  /** When the mirror began, as far as it is remembered. */
  get #remembersSince(): number {
    const { objects, accountName } = this.#options;
    const state = objects.objects.get(mirrorStateKey(accountName));
    return (state && beginningOf(state.bytes)) ?? Number.POSITIVE_INFINITY;
  }

  #onShown({ list, away }: Watched, { body }: Answer): void {
    const { contacts } = JSON.parse(Buffer.concat(body).toString());
    for (const { contact_id, deleted_at, email_address, list_memberships = [] } of contacts) {
      for (const listId of list_memberships) this.#shownOnAt.set(`${contact_id} ${listId}`, this.#now);
      const mayBeMailed = ["explicit", "implicit"].includes(email_address?.permission_to_send);
      if (mayBeMailed && !deleted_at && list_memberships.includes(listIds[list])) away.delete(contact_id);
      else away.set(contact_id, mayBeMailed && !deleted_at ? "outside" : "unfit");
    }
  }

  #onRemoval(email: string, { invocation, event, list, removed }: Watched): void {
    removed.add(email);
    const { readBy } = this.#options.databases[list];
    const ids = "apply" in event ? [invocation.id, event.apply] : [invocation.id];
    this.#told.onRemoval(
      email,
      list,
      ids.map((id) => readBy.get(id)),
    );
  }

  #onImport(email: string, { invocation, list, joined, createdAnew }: Watched): void {
    const place = this.#options.watch.placeOf(email, listIds[list]);
    if (!isSubscribed(place)) joined.add(email.toLowerCase());
    if (place.contact?.deleted_at !== undefined) createdAnew.add(email);
    const why = this.#reasonAgainst(email, invocation, list);
    if (why !== undefined) this.break("away", why);
  }

  /** Undefined if the reader may be imported; or if nobody could have known better when the import was sent. */
  #reasonAgainst(email: string, { id, run }: Invocation, list: ListName): string | undefined {
    const { watch, account, databases, configuration } = this.#options;
    const { contact, isMember, unfitSince, leftAt, leftBy } = watch.placeOf(email, listIds[list]);
    if (contact === undefined) return undefined;
    const isShown =
      this.#watched.get(id)!.away.get(contact.contact_id) === (unfitSince ? "unfit" : "outside");
    const until = isShown ? Number.POSITIVE_INFINITY : this.#now - this.longestWindowMs;
    if (unfitSince !== undefined)
      return unfitSince < until ? `${contact.permission_to_send}, ${contact.deleted_at}` : undefined;
    const isRemoved = leftBy === "runs" || (leftAt !== undefined && this.looksRemoved(contact, list, leftAt));
    if (isMember || isRemoved || (leftAt !== undefined && leftAt >= until)) return undefined;
    const consent = consentIn(databases[list].readBy.get(id)!, email);
    if (leftAt !== undefined && consent > leftAt) return undefined;
    if (this.known.has(contact, listIds[list]) && leftBy === "people") return "left the list";
    if (configuration.joinKnown === "always") return undefined;
    // It changed after the run had read it.
    const changedAt = Date.parse(contact.updated_at);
    if (changedAt >= run.startedAt.getTime() - account.options.indexLagMs - 1_000) return undefined;
    const beganAt = this.#remembersSince;
    const isOlder = Date.parse(contact.created_at) <= beganAt;
    const never = Number.NEGATIVE_INFINITY;
    const mayHaveLeftAt = Math.max(isOlder ? beganAt : never, byReaderAt(contact));
    if (mayHaveLeftAt === never) return undefined;
    return consent > mayHaveLeftAt ? undefined : "may have left the list";
  }

  /** Whatever the list had a day ago, it had no more than the account. */
  #checkLimits({ event, list, wasEmpty, removed, joined }: Watched): void {
    if ("apply" in event) return;
    const { limits } = this.#options.configuration;
    const most = this.#options.watch.addresses.size;
    if (removed.size > allowed(limits.unsubscribe, most))
      this.break("limit", `${removed.size} were taken off`);
    const mayJoin = allowed(limits.subscribe, most) + allowed(limits.resubscribe, most);
    const mayFill = wasEmpty || this.#empty.isBeingFilled(list, this.#now);
    if (!mayFill && joined.size > mayJoin) this.break("limit", `${joined.size} were put on`);
  }

  #checkBeginning({ run: { startedAt, report } }: Invocation): void {
    const beganAt = this.#remembersSince;
    if (beganAt === Number.POSITIVE_INFINITY || beganAt === this.#beganAt) return;
    this.#beganAt = beganAt;
    // Whom an import was to add is read only when it is over.
    const namesLost = report.notes?.some((note) => [...this.#lostKeys].some((key) => note.startsWith(key)));
    if (this.#intactSince !== undefined && startedAt.getTime() > this.#intactSince && !namesLost)
      this.break("memory", "it did");
  }
}

interface ImportBody {
  readonly import_data?: readonly { readonly email: string }[];
  readonly source?: { readonly contact_ids: readonly string[] };
}

/** When the reader themselves had a hand in it last, as far as the contact shows it. */
function byReaderAt({ create_source, created_at, update_source, updated_at }: Contact): number {
  if (update_source === "Contact") return Date.parse(updated_at);
  return create_source === "Contact" ? Date.parse(created_at) : Number.NEGATIVE_INFINITY;
}

function isImport({ method, path }: Call): boolean {
  return method === "POST" && path.endsWith("_import");
}

function notesRemoval(state: Uint8Array, listId: string, since: Date): boolean {
  try {
    const log: readonly { kind: string; list?: string; at: number }[] = JSON.parse(
      Buffer.from(state).toString(),
    ).log;
    return log.some(({ kind, list, at }) => kind === "removal" && list === listId && at >= since.getTime());
  } catch {
    return false;
  }
}

function beginningOf(bytes: Uint8Array): number | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString()).beganAt;
  } catch {
    return undefined;
  }
}
