import { inspect } from "node:util";
import type { ListConfiguration } from "../../functions/configuration.ts";
import { NewsletterSyncError } from "../../functions/domain/errors.ts";
import { isScheduled } from "../../functions/platform/scheduled-event.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { AppliedWrite, SentRow } from "./applied-write.ts";
import { checkReport } from "./check-report.ts";
import { findExcess } from "./find-excess.ts";
import { findHalves } from "./find-halves.ts";
import type { FussyProvider } from "./fussy-provider.ts";
import { InStep } from "./in-step.ts";
import type { Invocation } from "./invocation.ts";
import { type Breach, judgeTransition, type Knowledge } from "./judge-write.ts";
import { OurActs } from "./our-acts.ts";
import { quarantinedChanges } from "./planned-changes.ts";
import { type Promised, promises } from "./promises.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { RefusedRows } from "./refused-rows.ts";
import { S3Failure } from "./simulated-bucket.ts";
import { isWhole, type SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { Watched } from "./watched.ts";

interface RulesOptions {
  readonly configuration: ListConfiguration;
  readonly time: SimulatedTime;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  readonly provider: FussyProvider;
  readonly recorder: ProviderRecorder;
  /** The bucket's objects. */
  readonly objects: InMemoryStore;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
}

const secrets = /reader\d+|example\.fr|demo-key/i;
const actsKey = "memory/daily/acts.bin";

/** The promises that hold in every history, whatever happens. */
export class Rules {
  readonly broken: string[] = [];
  readonly windowsMs: number[] = [];
  /** How long before a write its resubscriptions may have been looked up, in ms. */
  longestWindowMs = Number.POSITIVE_INFINITY;
  /** Whether a person has let the schedules begin, as the bucket shows. */
  isApproved = false;
  readonly #options: RulesOptions;
  readonly watched = new Map<string, Watched>();
  readonly #acts: OurActs;
  readonly #refused = new RefusedRows();

  constructor(options: RulesOptions) {
    this.#options = options;
    this.#acts = new OurActs(options.recorder.writes, options.configuration.graceHours);
  }

  break(promise: Promised, how: string): void {
    this.broken.push(`${promises[promise]}: ${how}`);
  }

  checkText(text: string): void {
    if (secrets.test(text)) this.break("secret", text);
  }

  /** To be called whenever an invocation changes either side: a schedule's waits for a person's first event that does. */
  checkBegun(id: string): void {
    if (this.isApproved || !isScheduled(this.watched.get(id)!.event)) return;
    const events = [...this.watched.values()].map(({ event }) => event);
    const hasApplied = (event: SyncEvent) => "apply" in event || event.mode === "apply";
    if (!events.some((event) => !isScheduled(event) && hasApplied(event)))
      this.break("begin", "nobody had a plan applied before");
  }

  onStart(invocation: Invocation, event: SyncEvent): void {
    const watched = new Watched(invocation, event);
    this.watched.set(invocation.id, watched);
    this.onEdit();
    invocation.ended.then(() => {
      watched.isAtWork = false;
    });
  }

  onRequest(invocation: Invocation): void {
    // A request that was sent before the end may arrive after it.
    if (invocation.isOver) return;
    this.watched.get(invocation.id)!.isAtWork = true;
    const atWork = [...this.watched.values()].filter(({ isAtWork }) => isAtWork);
    if (atWork.length > 1) this.break("alone", `${atWork.length} do`);
  }

  /** Must be called whenever the list changes: limits depend on how many subscribers it had when it was read. */
  onEdit(): void {
    const { subscribed } = this.#options.list.counts();
    for (const watched of this.watched.values()) {
      if (watched.done.writes.length === 0)
        watched.mostSubscribed = Math.max(watched.mostSubscribed, subscribed);
    }
  }

  onMemoryLost(): void {
    for (const watched of this.watched.values()) watched.isMemoryLost = true;
    this.#acts.forget(this.#options.time.now());
    this.#refused.forget();
  }

  onMemoryUnread({ id }: Invocation, key: string): void {
    this.watched.get(id)!.unread.add(key);
    this.onMemoryLost();
  }

  onSend({ id }: Invocation, rows: readonly SentRow[]): void {
    if (!this.watched.get(id)!.send(rows)) this.break("first", "it waited for another change");
    if (!rows.every(({ email }) => isWhole(email))) this.break("badRow", "a damaged address was sent");
    const now = this.#options.time.now();
    if (rows.some((row) => row.subscribed !== false && this.#refused.has(row, now)))
      this.break("badRow", "a refused row was sent again");
  }

  onWrite(write: AppliedWrite): void {
    const { database, recorder } = this.#options;
    const watched = this.watched.get(write.invocation)!;
    const { done, notes } = watched;
    watched.mostSubscribed = Math.max(watched.mostSubscribed, recorder.subscribedShown(write.invocation));
    done.writes.push(write);
    this.checkBegun(write.invocation);
    this.breakAll(findHalves(write, { startedAt: done.startedAt, database, recorder, notes }));
    const knowledge = this.knowledgeOf(write.invocation);
    for (const transition of write.transitions) {
      const { breaches, group, windowsMs } = judgeTransition(write, transition, knowledge);
      this.breakAll(breaches);
      this.windowsMs.push(...windowsMs);
      const row = write.rows.find(({ email }) => email === transition.email);
      const isRepeated = row?.subscribed === false && this.#refused.everHad(row);
      if (group !== undefined && !isRepeated) done.add(group, transition.email);
    }
    for (const { email, subscribed } of write.rows) {
      if (subscribed === true) this.#onResubscription(write, email);
    }
    done.addUpdates(write);
    this.#checkLimits(write, watched);
  }

  /** What an invocation knows once it has read both sides. */
  knowledgeOf(invocation: string): Knowledge {
    const { configuration, database, recorder } = this.#options;
    const { planId, unread, done } = this.watched.get(invocation)!;
    const snapshot = database.readBy.get(invocation)!;
    const { readAt = snapshot.readAt } = database.readBy.get(planId) ?? {};
    const { givesConsents } = snapshot;
    return {
      startedAt: done.startedAt,
      longestWindowMs: this.longestWindowMs,
      snapshot,
      policy: { ...configuration, readAt, givesConsents },
      recorder,
      answersFor: (row) => (unread.has(actsKey) ? [false] : this.#acts.answersFor(row, done.startedAt)),
    };
  }

  breakAll(breaches: Iterable<Breach>): void {
    for (const [promise, how] of breaches) this.break(promise, how);
  }

  #onResubscription({ invocation, sentAt, at }: AppliedWrite, email: string): void {
    const shownAt = this.#options.recorder.lastShown(invocation, email, sentAt) ?? Number.NEGATIVE_INFINITY;
    if (at - shownAt > this.longestWindowMs) this.break("optOut", "a reader was not looked up just before");
  }

  #checkLimits(write: AppliedWrite, watched: Watched): void {
    const { configuration, objects, database } = this.#options;
    const plan = this.watched.get(watched.planId)!;
    const others = [...this.watched.values()].filter((other) => other !== watched);
    const source = database.readBy.get(watched.planId)!;
    const { limits } = configuration;
    this.breakAll(findExcess(write, { watched, plan, others, source, limits, objects }));
  }

  onEnd({ id, run }: Invocation, error: Error | undefined): void {
    const { recorder, objects, time } = this.#options;
    const watched = this.watched.get(id)!;
    watched.onlyLooked = isScheduled(watched.event) && run.report.firstPlan !== undefined;
    this.checkText(inspect(error, { depth: null, showHidden: true }));
    this.checkText(JSON.stringify(run.report));
    if (error !== undefined && !(error instanceof NewsletterSyncError) && !(error instanceof S3Failure)) {
      this.break("end", `${error.stack}`);
    }
    const writes = recorder.writes.filter(({ invocation }) => invocation === id);
    for (const problem of checkReport(run.report, writes)) this.break("report", problem);
    const isEnded = error === undefined || error.name === "UnsafePlanError";
    if (isEnded && this.watched.get(id)!.allowedGroups.size > 0 && run.report.applied!.left > 0)
      this.break("first", "some changes were left");
    const { isMemoryLost } = this.watched.get(id)!;
    if (!isMemoryLost) this.#acts.remember(id);
    for (const write of writes) for (const { email } of write.rows) this.#refused.delete(email);
    if (isMemoryLost) return;
    for (const change of quarantinedChanges(objects, id)) this.#refused.add(change, time.now());
  }

  /** Whether a run of ours may have unsubscribed the row, as far as the next run may know. */
  mayBeOurs(row: Subscriber, answers: readonly boolean[]): boolean {
    return answers.includes(true) || this.#acts.mayBeForgotten(row);
  }

  /** Watches the runs that bring the list in step, from now on. */
  watchInStep(): InStep {
    const startedAt = this.#options.time.now();
    return new InStep({
      ...this.#options,
      answersFor: (row) => this.#acts.answersFor(row, startedAt),
      policyOf: (invocation) => this.knowledgeOf(invocation).policy,
      startedAtOf: (invocation) => this.knowledgeOf(invocation).startedAt,
      onMismatch: (how) => this.break("inStep", how),
    });
  }
}
