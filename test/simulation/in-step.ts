import { changeGroups } from "../../functions/domain/plan.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { SentRow } from "./applied-write.ts";
import { type Comparison, findMismatches } from "./find-mismatches.ts";
import { plannedEmails, plannedReturns } from "./planned-changes.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { desiredOf, isSameAddress, type Policy } from "./reference-model.ts";
import { isOfThisMinute } from "./return-rules.ts";
import type { SimulatedDatabase, Snapshot } from "./simulated-database.ts";

interface InStepOptions extends Pick<Comparison, "provider" | "showsData" | "answersFor"> {
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  readonly recorder: ProviderRecorder;
  /** The bucket's objects. */
  readonly objects: InMemoryStore;
  policyOf(invocation: string): Policy;
  startedAtOf(invocation: string): number;
  onMismatch(how: string): void;
}

/** Undisturbed runs, while nobody changes anything: they bring the list in step, and then send nothing. */
export class InStep {
  readonly #options: InStepOptions;
  readonly #before: ReadonlyMap<string, Subscriber>;
  readonly #firstSnapshot: Snapshot;

  constructor(options: InStepOptions) {
    this.#options = options;
    this.#before = options.list.subscribers;
    this.#firstSnapshot = options.database.shown;
  }

  /** @param invocation the last one that was to bring the list in step */
  check(invocation: string): void {
    const { list, database, policyOf, onMismatch } = this.#options;
    const snapshot = database.readBy.get(invocation);
    if (snapshot === undefined) return;
    const lists = { before: this.#before, after: list.subscribers };
    const snapshots = { snapshot, firstSnapshot: this.#firstSnapshot };
    const comparison = { ...this.#options, ...lists, ...snapshots, policy: policyOf(invocation) };
    for (const mismatch of findMismatches(comparison)) onMismatch(mismatch);
  }

  /** @param invocation the one after that, which sends nothing more */
  checkSilent(invocation: string): void {
    const { recorder, onMismatch } = this.#options;
    const writes = recorder.writes.filter((write) => write.invocation === invocation);
    const mayBeSent = ({ email, subscribed }: SentRow) =>
      this.#mayBeLate(email, invocation) || (subscribed === undefined && this.#hasSpellings(email));
    if (!writes.flatMap(({ rows }) => rows).every(mayBeSent)) onMismatch("the next run still sent something");
  }

  /**
   * Whether all that the next invocation planned may come late, and so may have to wait for a person; as an opt-out that the
   * undisturbed runs recorded is only now returned for others with the guid.
   */
  mayWait(invocation: string): boolean {
    const { objects, startedAtOf } = this.#options;
    const startedAt = startedAtOf(invocation);
    const changed = [...plannedEmails(objects, invocation, new Set(changeGroups))];
    const told = plannedReturns(objects, invocation)
      .filter(({ changedAt = "" }) => !isOfThisMinute(changedAt, startedAt))
      .map(({ address }) => address);
    const mayBeLate = (email: string) => this.#mayBeLate(email, invocation) || this.#hasSpellings(email);
    return [...changed, ...told].every(mayBeLate);
  }

  /** What the provider refused lately may come late, and so may a guid that several rows have. */
  #mayBeLate(email: string, invocation: string): boolean {
    const { provider, database } = this.#options;
    const snapshot = database.readBy.get(invocation)!;
    return provider.hasRefused(email) || desiredOf(snapshot, email)?.isGuidShared === true;
  }

  /** So may a name by which several spellings differ, once the database has it of one of them. */
  #hasSpellings(email: string): boolean {
    return [...this.#options.list.values()].filter((row) => isSameAddress(row.email, email)).length > 1;
  }
}
