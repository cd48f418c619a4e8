import type { ListConfiguration } from "../../functions/configuration.ts";
import { OutOfTimeError, SinkError } from "../../functions/domain/errors.ts";
import type { Return } from "../../functions/domain/return.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import { checkReturned } from "./check-returned.ts";
import { findHalves } from "./find-halves.ts";
import type { Invocation } from "./invocation.ts";
import { guesses } from "./our-acts.ts";
import { plannedReturns } from "./planned-changes.ts";
import { possibleLists } from "./possible-lists.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { desiredOf, isSameAddress } from "./reference-model.ts";
import { isRight, objectionsOf } from "./reference-returns.ts";
import { excessOf } from "./return-limit.ts";
import type { Rules } from "./rules.ts";
import { S3Failure } from "./simulated-bucket.ts";
import { consentOf, type SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedSink, Taking } from "./simulated-sink.ts";
import type { RowChange } from "./statements.ts";

interface ReturnRulesOptions {
  readonly configuration: ListConfiguration;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  readonly recorder: ProviderRecorder;
  readonly sink: SimulatedSink;
  /** The bucket's objects. */
  readonly objects: InMemoryStore;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
}

const minuteMs = 60_000;

/** What holds of all that the database is told. */
export class ReturnRules {
  readonly #rules: Rules;
  readonly #options: ReturnRulesOptions;

  constructor(rules: Rules, options: ReturnRulesOptions) {
    this.#rules = rules;
    this.#options = options;
  }

  /** The database commits what it was told. */
  onTaken(taking: Taking): void {
    const { database, recorder, list, objects, configuration, sink } = this.#options;
    const { invocation, returns, changes } = taking;
    const watched = this.#rules.watched.get(invocation)!;
    const { startedAt } = watched.done;
    this.#rules.checkBegun(invocation);
    if (!watched.mayReturn) this.#rules.break("mode" in watched.event ? "plan" : "approval", "it returned");
    if (watched.hasSent) this.#rules.break("sides", "changes were sent before the returns");
    const before = list.subscribers;
    const { notes } = watched;
    this.#rules.breakAll(findHalves({ invocation, before }, { startedAt, database, recorder, notes }));
    const planned = new Set(plannedReturns(objects, watched.planId).map(textOf));
    if (!returns.every((told) => planned.has(textOf(told))))
      this.#rules.break("approval", "more was returned");
    for (const told of returns) {
      if (!this.#isRight(told, invocation))
        this.#rules.break("told", `${told.tells} ${told.cause}, ${told.reason}`);
    }
    for (const change of changes) this.#checkLastWord(change, invocation);
    const plan = database.readBy.get(watched.planId)!;
    const { limits } = configuration;
    const { takings } = sink;
    const watchedBy = this.#rules.watched;
    this.#rules.breakAll(excessOf(taking, { watchedBy, takings, snapshot: plan, limit: limits.return }));
  }

  /** Whether a return follows from the two sides as the invocation may have seen them. */
  #isRight(told: Return, invocation: string): boolean {
    const { recorder, database, showsData } = this.#options;
    const { snapshot, answersFor, ...knowledge } = this.#rules.knowledgeOf(invocation);
    const { planId } = this.#rules.watched.get(invocation)!;
    const policy = { ...knowledge.policy, readAt: database.firstReadAt.get(planId)! };
    const desired = desiredOf(snapshot, told.address);
    return possibleLists(told.address, desired, { recorder, invocation }).some((rows) => {
      const own = rows.filter((row) => isSameAddress(row.email, told.address));
      return guesses(own, answersFor).some((ours) => {
        const isOurs = (row: Subscriber) => ours.has(row);
        return isRight(told, { rows, snapshot, isOurs, policy, showsData });
      });
    });
  }

  /** What a row said before must not be later than what the provider's rows say. */
  #checkLastWord({ told, before }: RowChange, invocation: string): void {
    if (before === undefined) return;
    const { recorder, database } = this.#options;
    const { snapshot } = this.#rules.knowledgeOf(invocation);
    const { guid } = desiredOf(snapshot, told.address) ?? {};
    const shown = recorder.versionsShown(invocation);
    const own = shown.filter((row) => isSameAddress(row.email, told.address) || row.guid === guid);
    if (told.tells === "subscribed") {
      const times = own.map(({ subscribed_at }) => Date.parse(subscribed_at));
      const { subscribed, optedOutAt = 0 } = before;
      if (!subscribed && optedOutAt > Math.max(...times))
        this.#rules.break("lastWord", "an opt-out was lifted");
    } else if (told.tells === "unsubscribed") {
      const times = own.map(({ unsubscribed_at = "" }) => Date.parse(unsubscribed_at));
      const consentedAt = consentOf(before, database.current);
      if (consentedAt > Math.max(...times.filter(Number.isFinite)))
        this.#rules.break("lastWord", "a consent was undone");
    }
  }

  /** Half of the time that is left is the changes'. */
  onGivenUp({ run: { stopsAt, signal } }: Invocation, since: number): void {
    if (signal.aborted && since < stopsAt.getTime() - 1)
      this.#rules.break("sides", "the changes waited for the database");
  }

  onEnd({ id, run }: Invocation, error: Error | undefined): void {
    const { sink, objects, configuration } = this.#options;
    const { report } = run;
    const watched = this.#rules.watched.get(id)!;
    const stored = configuration.returns && plannedReturns(objects, watched.planId);
    for (const problem of checkReturned(report, stored, { id, takings: sink.takings }))
      this.#rules.break("report", problem);
    const { applied, returned, notes = [] } = report;
    if (applied === undefined || returned === undefined || configuration.returns === undefined) return;
    if (error instanceof SinkError && watched.allowedGroups.size > 0 && applied.left > 0)
      this.#rules.break("sides", "some changes were left although the database alone failed");
    const isOver = error instanceof OutOfTimeError || error instanceof S3Failure;
    const isTold = error instanceof SinkError || notes.some((note) => /^returns(, |: Error)/.test(note));
    if (watched.mayReturn && !isOver && !isTold && returned.left > 0)
      this.#rules.break("sides", "some returns were left, and nothing says why");
  }

  /** After an undisturbed run: whomever the database wants is kept out by nobody but us. */
  checkHeard(invocation: string): void {
    const { configuration, list, database } = this.#options;
    if (configuration.returns === undefined || !database.readBy.has(invocation)) return;
    const { policy, answersFor, startedAt } = this.#rules.knowledgeOf(invocation);
    const snapshot = database.current;
    const rows = [...list.values()];
    const isOurs = (row: Subscriber) => this.#rules.mayBeOurs(row, answersFor(row));
    for (const email of new Set(snapshot.rows.map((row) => row.email.toLowerCase()))) {
      const desired = desiredOf(snapshot, email);
      const spellings = rows.filter((row) => isSameAddress(row.email, email));
      if (!desired?.subscribed || desired.isGuidShared || spellings.some(({ subscribed }) => subscribed))
        continue;
      const objections = objectionsOf(email, spellings, { rows, snapshot, isOurs, policy });
      if (objections.length > 0 && !objections.some((row) => isOfThisMinute(row.unsubscribed_at!, startedAt)))
        this.#rules.break("heard", "somebody whom the database wants is kept out");
    }
  }

  /**
   * @param invocation the next one, which returns nothing; but a guid that several rows claim may take a run more, and so
   *   may an approved field of a reader whom the provider has in several spellings, of which another gets the guid
   */
  checkSilent(invocation: string): void {
    const { objects, database, list } = this.#options;
    const snapshot = database.readBy.get(invocation)!;
    const hasSpellings = (address: string) =>
      [...list.values()].filter((row) => isSameAddress(row.email, address)).length > 1;
    const { startedAt } = this.#rules.knowledgeOf(invocation);
    const told = plannedReturns(objects, invocation)
      .filter(({ address }) => !desiredOf(snapshot, address)?.isGuidShared)
      .filter(({ changedAt = "" }) => !isOfThisMinute(changedAt, startedAt));
    for (const { tells, reason } of told.filter(
      ({ tells, address }) => tells !== "updated" || !hasSpellings(address),
    ))
      this.#rules.break("inStep", `the next run returned ${tells}: ${reason}`);
  }
}

/** An opt-out that the undisturbed runs record keeps others out who have the guid, and is returned by the next run. */
export function isOfThisMinute(changedAt: string, now: number): boolean {
  return Date.parse(changedAt) >= now - minuteMs;
}

function textOf(told: Return): string {
  return JSON.stringify(Object.entries(told).sort());
}
