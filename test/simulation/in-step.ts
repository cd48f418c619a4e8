import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { SentRow } from "./applied-write.ts";
import { type Comparison, findMismatches } from "./find-mismatches.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { desiredOf, isSameAddress, type Policy } from "./reference-model.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";

interface InStepOptions extends Pick<Comparison, "provider" | "showsData" | "answersFor"> {
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
  readonly recorder: ProviderRecorder;
  policyOf(invocation: string): Policy;
  onMismatch(how: string): void;
}

/** Undisturbed runs, while nobody changes anything: they bring the list in step, and then send nothing. */
export class InStep {
  readonly #options: InStepOptions;
  readonly #before: ReadonlyMap<string, Subscriber>;

  constructor(options: InStepOptions) {
    this.#options = options;
    this.#before = options.list.subscribers;
  }

  /** @param invocation the last one that was to bring the list in step */
  check(invocation: string): void {
    const { list, database, policyOf, onMismatch } = this.#options;
    const snapshot = database.readBy.get(invocation);
    if (snapshot === undefined) return;
    const sides = { before: this.#before, after: list.subscribers, snapshot, policy: policyOf(invocation) };
    for (const mismatch of findMismatches({ ...this.#options, ...sides })) onMismatch(mismatch);
  }

  /** @param invocation the one after that, which sends nothing more */
  checkSilent(invocation: string): void {
    const { list, recorder, provider, database, onMismatch } = this.#options;
    const writes = recorder.writes.filter((write) => write.invocation === invocation);
    // What the provider refused lately may come late, and so may a guid that several rows have, or a name by which several
    // spellings differ that the database has of one of them.
    const isSpelling = (email: string) => (row: Subscriber) =>
      row.email !== email && isSameAddress(row.email, email);
    const mayBeLate = ({ email, subscribed }: SentRow) =>
      provider.hasRefused(email) ||
      desiredOf(database.readBy.get(invocation)!, email)?.isGuidShared ||
      (subscribed === undefined && [...list.values()].some(isSpelling(email)));
    const sent = writes.flatMap(({ rows }) => rows);
    if (!sent.every(mayBeLate)) onMismatch("the next run still sent something");
  }
}
