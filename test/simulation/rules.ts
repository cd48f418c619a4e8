import { inspect } from "node:util";
import { NewsletterSyncError } from "../../functions/domain/errors.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import { findMismatches, type Sides } from "./find-mismatches.ts";
import type { Invocation } from "./invocation.ts";
import { plannedEmails } from "./planned-emails.ts";
import type { AppliedWrite, ProviderRecorder, Transition } from "./provider-recorder.ts";
import { desiredOf, isSameAddress, staysUnsubscribed } from "./reference-model.ts";
import { S3Failure } from "./simulated-bucket.ts";

interface RulesOptions extends Sides {
  readonly recorder: ProviderRecorder;
  /** The bucket's objects. */
  readonly objects: InMemoryStore;
}

interface Watched {
  readonly event: SyncEvent;
  readonly startedAt: number;
  /** Whether it has sent a request to the provider and is not over. */
  isAtWork: boolean;
  /** The most subscribers that the list had while it ran. */
  mostSubscribed: number;
  readonly unsubscribed: Set<string>;
  readonly subscribed: Set<string>;
}

const secrets = /reader\d+@|example\.fr|demo-key/i;

/** The rules that hold in every history, whatever happens: `simulation.test.ts` lists them. */
export class Rules {
  readonly broken: string[] = [];
  readonly windowsMs: number[] = [];
  /** How long before a write its resubscriptions may have been looked up, in ms. */
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

  checkText(text: string): void {
    if (secrets.test(text)) this.breakRule(`an address or a key was revealed: ${text}`);
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
    // A request that was sent before the end may arrive after it.
    if (invocation.isOver) return;
    this.#watched.get(invocation.id)!.isAtWork = true;
    const atWork = [...this.#watched.values()].filter(({ isAtWork }) => isAtWork);
    if (atWork.length > 1) this.breakRule("two runs are at work on one list");
  }

  /** Must be called whenever the list changes: limits depend on how many subscribers it had when it was read. */
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
    const shownAt = this.#options.recorder.lastShown(invocation, email) ?? Number.NEGATIVE_INFINITY;
    if (at - shownAt > this.longestWindowMs) this.breakRule("a resubscription was not looked up just before");
  }

  #onSubscribed({ invocation, at }: AppliedWrite, { email, before }: Transition): void {
    const { database, recorder, list, configuration } = this.#options;
    const desired = desiredOf(database.readBy.get(invocation) ?? [], email);
    if (!desired?.subscribed) this.breakRule("somebody was subscribed whom the database did not want");
    // Deleted since it was read: an update creates it again, whatever its other spellings are.
    if (before === undefined && recorder.lastShown(invocation, email) !== undefined) return;
    this.#watched.get(invocation)!.subscribed.add(email);
    const spellings = [...list.values()].filter(
      (row) => row.email !== email && isSameAddress(row.email, email),
    );
    for (const row of before === undefined ? spellings : [before, ...spellings]) {
      if (row.subscribed || !staysUnsubscribed(row, desired?.consentedAt ?? 0, configuration)) continue;
      const shownAt = recorder.lastShown(invocation, row.email) ?? this.#missedAt(invocation, row);
      const isKnown = Date.parse(row.unsubscribed_at!) <= shownAt;
      if (isKnown) this.breakRule("an opted-out reader or a bounce was subscribed");
      else if (row === before) this.windowsMs.push(Math.round(at - shownAt));
    }
  }

  /** An invocation may have missed a row only if the row was added after it began. */
  #missedAt(invocation: string, row: Subscriber): number {
    const { startedAt } = this.#watched.get(invocation)!;
    return Date.parse(row.subscribed_at) < startedAt ? Number.POSITIVE_INFINITY : startedAt;
  }

  #onUnsubscribed({ invocation, rows }: AppliedWrite, { email }: Transition): void {
    const { database } = this.#options;
    const desired = desiredOf(database.readBy.get(invocation) ?? [], email);
    if (desired?.subscribed) this.breakRule("somebody was unsubscribed whom the database wanted");
    const sent = rows.find((row) => row.email === email)!;
    if (sent.unsubscribed_cause === "READER" && !desired?.isByReader)
      this.breakRule("an opt-out was made up");
    if (sent.unsubscribed_cause === undefined) this.breakRule("an unsubscription went without a cause");
    this.#watched.get(invocation)!.unsubscribed.add(email);
  }

  #checkLimits({ invocation, rows }: AppliedWrite): void {
    const { event, mostSubscribed, unsubscribed, subscribed } = this.#watched.get(invocation)!;
    if ("apply" in event) {
      const approved = plannedEmails(this.#options.objects, event.apply);
      if (rows.some(({ email }) => !approved.has(email))) this.breakRule("more was sent than was approved");
      return;
    }
    if (event.mode === "plan") this.breakRule("a run in mode plan wrote something");
    const { limits } = this.#options.configuration;
    const base = Math.max(mostSubscribed, this.#options.recorder.subscribedShown(invocation));
    const passes = (changed: ReadonlySet<string>, { ratio, floor }: { ratio: number; floor: number }) =>
      changed.size > Math.max(floor, ratio * base);
    if (passes(unsubscribed, limits.unsubscribe))
      this.breakRule("more were unsubscribed than the limit allows");
    if (passes(subscribed, limits.subscribe)) this.breakRule("more were subscribed than the limit allows");
  }

  onEnd({ id, run }: Invocation, error: Error | undefined): void {
    this.checkText(inspect(error, { depth: null, showHidden: true }));
    this.checkText(JSON.stringify(run.report));
    if (error !== undefined && !(error instanceof NewsletterSyncError) && !(error instanceof S3Failure)) {
      this.breakRule(`a run ended with an unknown error: ${error.stack}`);
    }
    const { applied } = run.report;
    const writes = this.#options.recorder.writes.filter(({ invocation }) => invocation === id);
    const done = writes.reduce((sum, { rows }) => sum + rows.length, 0);
    if (applied === undefined) {
      if (done > 0) this.breakRule("a report does not mention what was written");
      return;
    }
    this.#checkReported(run.report as SyncReport, writes);
  }

  /** Where answers were lost, more may have been done than reported. */
  #checkReported({ applied, planned }: SyncReport, writes: readonly AppliedWrite[]): void {
    const { subscribe, resubscribe, update, unsubscribe, accepted, quarantined, stale, left } = applied;
    const answered = writes.filter(({ isAnswered }) => isAnswered);
    const kinds = [
      ["resubscribed", resubscribe, true],
      ["unsubscribed", unsubscribe, false],
      ["subscribed or updated", subscribe + update, undefined],
    ] as const;
    for (const [kind, reported, status] of kinds) {
      const least = rowsWith(status, answered);
      const most = rowsWith(status, writes);
      if (reported < least || reported > most)
        this.breakRule(`${reported} are reported as ${kind}, but ${least} to ${most} were`);
    }
    if (accepted !== subscribe + resubscribe + update + unsubscribe)
      this.breakRule("the kinds of the accepted changes do not add up");
    const total = planned.subscribe + planned.resubscribe + planned.update + planned.unsubscribe;
    if (accepted + quarantined + stale + left !== total)
      this.breakRule("what became of the planned changes does not add up");
  }

  beforeLastRun(): void {
    this.#before = this.#options.list.subscribers;
  }

  afterLastRun(): void {
    for (const mismatch of findMismatches(this.#before, this.#options)) this.breakRule(mismatch);
  }
}

/** How many rows say this of their status. */
function rowsWith(subscribed: boolean | undefined, writes: readonly AppliedWrite[]): number {
  return writes.flatMap(({ rows }) => rows).filter((row) => row.subscribed === subscribed).length;
}
