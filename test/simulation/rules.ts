import { inspect } from "node:util";
import { NewsletterSyncError } from "../../functions/domain/errors.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { Invocation } from "./invocation.ts";
import { plannedEmails } from "./planned-emails.ts";
import { S3Failure } from "./simulated-bucket.ts";
import { faultsOfState, type Sides } from "./state.ts";
import { isKept, isSame, wantedOf } from "./wanted.ts";
import type { AppliedWrite, Transition, Witness } from "./witness.ts";

interface RulesOptions extends Sides {
  readonly witness: Witness;
  /** What stands in the bucket. */
  readonly objects: InMemoryStore;
}

interface Watched {
  readonly event: SyncEvent;
  readonly startedAt: number;
  /** Whether it has asked anything of the provider, and is not over. */
  isAtWork: boolean;
  /** The most subscribers that the list had while it ran. */
  mostSubscribed: number;
  readonly unsubscribed: Set<string>;
  readonly subscribed: Set<string>;
}

const secrets = /reader\d+@|example\.fr|demo-key/i;

/** What must hold of every history, whatever happens in it: see `simulation.test.ts` for the list. */
export class Rules {
  readonly broken: string[] = [];
  readonly windowsMs: number[] = [];
  /** How long before a write its resubscriptions may have been looked at, in ms. */
  longestWindowMs = Number.POSITIVE_INFINITY;
  readonly #options: RulesOptions;
  readonly #watched = new Map<string, Watched>();
  #before: ReadonlyMap<string, Subscriber> = new Map();

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  breakRule(how: string): void {
    this.broken.push(how);
  }

  onTold(text: string): void {
    if (secrets.test(text)) this.breakRule(`an address or a key was told: ${text}`);
  }

  onStart(invocation: Invocation, event: SyncEvent): void {
    const startedAt = invocation.run.startedAt.getTime();
    const changed = { unsubscribed: new Set<string>(), subscribed: new Set<string>() };
    const watched = { event, startedAt, isAtWork: false, mostSubscribed: 0, ...changed };
    this.#watched.set(invocation.id, watched);
    this.onEdit();
    invocation.ended.then(() => {
      watched.isAtWork = false;
    });
  }

  onRequest(invocation: Invocation): void {
    // What was sent before the end may arrive after it.
    if (invocation.isOver) return;
    this.#watched.get(invocation.id)!.isAtWork = true;
    const atWork = [...this.#watched.values()].filter(({ isAtWork }) => isAtWork);
    if (atWork.length > 1) this.breakRule("two runs are at work on one list");
  }

  /** To be called when the list changed, too: limits are a part of whom it had when it was read. */
  onEdit(): void {
    const { subscribed } = this.#options.list.counts();
    for (const watched of this.#watched.values())
      watched.mostSubscribed = Math.max(watched.mostSubscribed, subscribed);
  }

  onWrite(write: AppliedWrite): void {
    for (const transition of write.transitions) {
      if (transition.after.subscribed) this.#onSubscribed(write, transition);
      else this.#onUnsubscribed(write, transition);
    }
    for (const { email, subscribed } of write.rows) {
      if (subscribed === true) this.#onResubscription(write, email);
    }
    this.#checkLimits(write);
  }

  #onResubscription({ invocation, at }: AppliedWrite, email: string): void {
    const lookedAt = this.#options.witness.lastShown(invocation, email) ?? Number.NEGATIVE_INFINITY;
    if (at - lookedAt > this.longestWindowMs)
      this.breakRule("a resubscription was not looked at just before");
  }

  #onSubscribed({ invocation, at }: AppliedWrite, { email, before }: Transition): void {
    const { database, witness, list, configuration } = this.#options;
    const wanted = wantedOf(database.readBy.get(invocation) ?? [], email);
    if (!wanted?.subscribed) this.breakRule("somebody was subscribed whom the database did not want");
    // Deleted since it was read: an update makes it anew, whatever its other spellings are.
    if (before === undefined && witness.lastShown(invocation, email) !== undefined) return;
    this.#watched.get(invocation)!.subscribed.add(email);
    const spellings = [...list.values()].filter((row) => row.email !== email && isSame(row.email, email));
    for (const row of before === undefined ? spellings : [before, ...spellings]) {
      if (row.subscribed || !isKept(row, wanted?.consentedAt ?? 0, configuration)) continue;
      const shownAt = witness.lastShown(invocation, row.email) ?? this.#missedAt(invocation, row);
      const isKnown = Date.parse(row.unsubscribed_at!) <= shownAt;
      if (isKnown) this.breakRule("an opted-out reader or a bounce was subscribed");
      else if (row === before) this.windowsMs.push(Math.round(at - shownAt));
    }
  }

  /** A row that an invocation was not shown must have come after it began: else it is as bad as one that was overlooked. */
  #missedAt(invocation: string, row: Subscriber): number {
    const { startedAt } = this.#watched.get(invocation)!;
    return Date.parse(row.subscribed_at) < startedAt ? Number.POSITIVE_INFINITY : startedAt;
  }

  #onUnsubscribed({ invocation, rows }: AppliedWrite, { email }: Transition): void {
    const { database } = this.#options;
    const wanted = wantedOf(database.readBy.get(invocation) ?? [], email);
    if (wanted?.subscribed) this.breakRule("somebody was unsubscribed whom the database wanted");
    const sent = rows.find((row) => row.email === email)!;
    if (sent.unsubscribed_cause === "READER" && !wanted?.isByReader) this.breakRule("an opt-out was made up");
    if (sent.unsubscribed_cause === undefined) this.breakRule("an unsubscription went without a cause");
    this.#watched.get(invocation)!.unsubscribed.add(email);
  }

  #checkLimits({ invocation, rows }: AppliedWrite): void {
    const { event, mostSubscribed, unsubscribed, subscribed } = this.#watched.get(invocation)!;
    if ("apply" in event) {
      const approved = plannedEmails(this.#options.objects, event.apply);
      if (rows.some(({ email }) => !approved.has(email)))
        this.breakRule("more was sent than was approved of");
      return;
    }
    if (event.mode === "plan") this.breakRule("a run that plans wrote something");
    const { limits } = this.#options.configuration;
    const base = Math.max(mostSubscribed, this.#options.witness.subscribedShown(invocation));
    const passes = (changed: ReadonlySet<string>, { ratio, floor }: { ratio: number; floor: number }) =>
      changed.size > Math.max(floor, ratio * base);
    if (passes(unsubscribed, limits.unsubscribe)) this.breakRule("more were unsubscribed than may be unseen");
    if (passes(subscribed, limits.subscribe)) this.breakRule("more were subscribed than may be unseen");
  }

  onEnd({ id, run }: Invocation, error: Error | undefined): void {
    this.onTold(inspect(error, { depth: null, showHidden: true }));
    this.onTold(JSON.stringify(run.report));
    if (error !== undefined && !(error instanceof NewsletterSyncError) && !(error instanceof S3Failure)) {
      this.breakRule(`it ended with an error without a name: ${error.stack}`);
    }
    const { applied } = run.report;
    const writes = this.#options.witness.writes.filter(({ invocation }) => invocation === id);
    const done = writes.reduce((sum, { rows }) => sum + rows.length, 0);
    if (applied === undefined) {
      if (done > 0) this.breakRule("a report knows nothing of what was written");
      return;
    }
    // More was done than reported where answers were lost, and nothing more.
    const least = writes
      .filter(({ isAnswered }) => isAnswered)
      .reduce((sum, { rows }) => sum + rows.length, 0);
    if (applied.accepted > done || applied.accepted < least) {
      this.breakRule(`${applied.accepted} changes are reported as accepted; ${least} to ${done} were`);
    }
    const sums = {
      created: "nb_created",
      subscribed: "nb_subscribed",
      unsubscribed: "nb_unsubscribed",
    } as const;
    for (const [counter, name] of Object.entries(sums) as [
      keyof typeof sums,
      (typeof sums)[keyof typeof sums],
    ][]) {
      const answered = writes.filter(({ isAnswered }) => isAnswered);
      const sum = answered.reduce((sum, { report }) => sum + report[name], 0);
      if (applied[counter] !== sum) this.breakRule(`${counter}: ${applied[counter]} reported, ${sum} done`);
    }
  }

  beforeLastRun(): void {
    this.#before = this.#options.list.subscribers;
  }

  afterLastRun(): void {
    for (const fault of faultsOfState(this.#before, this.#options)) this.breakRule(fault);
  }
}
