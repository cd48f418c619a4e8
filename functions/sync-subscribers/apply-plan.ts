import pMap from "p-map";
import { applyBatch, type BatchOutcome, type Suspect } from "../domain/apply-batch.ts";
import { Narrowing } from "../domain/narrowing.ts";
import type { Change, Group, PlanChunk, PlanSummary } from "../domain/plan.ts";
import { ProviderContractError } from "../domain/provider-errors.ts";
import { note, type Run } from "../platform/run.ts";
import type { RefusalMemory } from "../platform/storage/memory/refusal-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider, WriteOptions } from "../providers/provider.ts";
import { AppliedTally } from "./applied-tally.ts";
import { ChunkReader } from "./plan-store.ts";
import type { SyncReport } from "./report.ts";
import { concernsAll, mayBeRows } from "./whose-fault.ts";

/** How many batches are sent at the same time: fewer than pages, as a batch costs the provider more. */
const concurrency = 4;

/** Each is sent to its end before the next one begins, in the order of its groups: opt-outs wait for nothing else. */
const phases: readonly (readonly Group[])[] = [
  ["optOut", "unsubscribe", "missing"],
  ["subscribe", "resubscribe", "update", "fill"],
];

/** What narrowing down may cost for changes that are known to be refused. */
const budgetOfRefusedBefore = 100;

export interface ApplyDependencies {
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  /** The groups of the plan that may be sent. */
  readonly groups: ReadonlySet<Group>;
  /** How many addresses the provider's list had when it was read. */
  readonly held: number;
  /** Whether a change is no longer right, because either side has changed. */
  isStale(change: Change): boolean;
  /** What the provider refused in earlier runs, and failed at; what it does in this one is recorded there. */
  readonly refusals: RefusalMemory;
  /** Called with changes that the provider accepted, and those of them that subscribed nobody. */
  onApplied(changes: readonly Change[], held: readonly Change[]): void;
}

/**
 * Sends the changes of a stored plan, a chunk to a batch. `run.report.applied` always tells what is done and what is left.
 * What cannot be sent holds up nothing else, unless the provider is down or refuses every call: then no further batch is
 * begun. A failure is thrown once everything else was sent.
 *
 * @throws ProviderContractError when so many changes are refused for the first time that the fault is hardly theirs
 */
export async function applyPlan(
  summary: PlanSummary,
  dependencies: ApplyDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const application = new Application(summary, dependencies, run);
  await application.send();
  await application.finish();
}

class Application {
  readonly #summary: PlanSummary;
  readonly #dependencies: ApplyDependencies;
  readonly #run: Run<SyncReport>;
  readonly #chunks: ChunkReader;
  readonly #tally: AppliedTally;
  readonly #options: WriteOptions;
  readonly #narrowing = new Narrowing();
  #suspects: Suspect[] = [];
  readonly #refusedBefore: Change[] = [];
  #batches = 0;
  #failure: unknown;
  #isOver = false;

  constructor(summary: PlanSummary, dependencies: ApplyDependencies, run: Run<SyncReport>) {
    this.#summary = summary;
    this.#dependencies = dependencies;
    this.#run = run;
    this.#chunks = new ChunkReader(dependencies.store, summary);
    this.#tally = new AppliedTally(summary, dependencies.groups);
    this.#options = { since: run.startedAt.getTime(), held: dependencies.held, signal: run.signal };
    run.report.applied = this.#tally.counts;
  }

  async send(): Promise<void> {
    const { groups } = this.#dependencies;
    const sent = this.#summary.chunks.filter(({ group }) => groups.has(group));
    for (const phase of phases) {
      const chunks = sent.filter(({ group }) => phase.includes(group));
      await pMap(chunks, (chunk) => this.#attempt(() => this.#sendChunk(chunk)), { concurrency });
      await this.#tryAgain();
      await this.#attempt(() => this.#sendRefusedBefore());
    }
    await this.#attempt(() => this.#judgeSuspects());
  }

  async finish(): Promise<void> {
    this.#run.report.discrepancies = this.#tally.discrepancies;
    await this.#dependencies.quarantine.finish();
    for (const text of [...this.#tally.notes(), ...this.#narrowing.notes()]) note(this.#run, text);
    const failure = this.#failure ?? this.#tally.refusesTooMuch();
    if (failure !== undefined) throw failure;
  }

  async #sendChunk(chunk: PlanChunk): Promise<void> {
    const { isStale, refusals } = this.#dependencies;
    const changes = await this.#chunks.read(chunk);
    const right = changes.filter((change) => !isStale(change));
    this.#tally.addStale(changes.length - right.length);
    const fresh = right.filter((change) => !refusals.wasRefused(change));
    this.#refusedBefore.push(...right.filter((change) => refusals.wasRefused(change)));
    if (fresh.length > 0) this.#tally.counts.batches++;
    await this.#record(await this.#apply(fresh, this.#narrowing));
  }

  /** Changes that failed alone, while others were accepted since, are tried once more before they are set aside. */
  async #tryAgain(): Promise<void> {
    const { accepted } = this.#narrowing;
    const { yes: tried = [], no: waiting = [] } = Object.groupBy(this.#suspects, ({ acceptedBefore }) =>
      accepted > acceptedBefore ? "yes" : "no",
    );
    this.#suspects = waiting;
    const tryOne = async ({ change }: Suspect) => {
      const { suspects, ...outcome } = await this.#apply([change], new Narrowing());
      const atFault = suspects.map(({ change, error }) => ({ change, reason: error.message }));
      await this.#record({ ...outcome, suspects: [], refused: [...outcome.refused, ...atFault] });
    };
    await pMap(tried, (suspect) => this.#attempt(() => tryOne(suspect)), { concurrency });
  }

  /** Nothing was accepted since they failed. A provider that takes nothing is rarely down for a day: by then it is the row. */
  async #judgeSuspects(): Promise<void> {
    const { refusals } = this.#dependencies;
    const { yes: atFault = [], no: doubtful = [] } = Object.groupBy(this.#suspects, ({ change }) =>
      refusals.hasFailedForADay(change) ? "yes" : "no",
    );
    for (const { change, error } of doubtful) {
      refusals.recordFailure(change, this.#run.now().getTime());
      this.#fail(error);
    }
    if (atFault.length === 0) return;
    const since = "it failed at this row alone a day ago, too";
    const refused = atFault.map(({ change, error }) => ({ change, reason: `${error.message}; ${since}` }));
    await this.#record({ applied: [], held: [], refused, suspects: [], stale: 0, discrepancies: [] });
    note(this.#run, `changes set aside because the provider has failed at each for a day: ${atFault.length}`);
  }

  /** Apart from the others and after them, so that what is known to be bad holds up nothing. */
  async #sendRefusedBefore(): Promise<void> {
    const changes = this.#refusedBefore.splice(0);
    if (changes.length === 0) return;
    const outcome = await this.#apply(changes, new Narrowing(budgetOfRefusedBefore), "few");
    const { applied, stale, refused, suspects, failure } = outcome;
    const isRefused = failure === undefined || failure instanceof ProviderContractError || mayBeRows(failure);
    const settled = isRefused ? changes.length - applied.length - stale : refused.length + suspects.length;
    this.#tally.addRefusedAgain(settled);
    await this.#record({ ...outcome, refused: [], suspects: [], failure: isRefused ? undefined : failure });
  }

  #apply(
    changes: readonly Change[],
    narrowing: Narrowing,
    most: "usual" | "few" = "usual",
  ): Promise<BatchOutcome> {
    const { provider } = this.#dependencies;
    const write = (part: readonly Change[], tries: "usual" | "few") =>
      provider.writeBatch(part, { ...this.#options, tries: most === "few" ? most : tries });
    return applyBatch(changes, { batch: ++this.#batches, write, narrowing });
  }

  async #record(outcome: BatchOutcome): Promise<void> {
    const { quarantine, refusals, onApplied } = this.#dependencies;
    const { applied, held, refused, suspects, failure } = outcome;
    onApplied(applied, held);
    for (const { change, reason } of refused) {
      await quarantine.add({ email: change.email, reason, change });
      refusals.record(change, this.#run.now().getTime());
    }
    this.#tally.addOutcome(outcome);
    this.#suspects.push(...suspects);
    if (failure !== undefined) this.#fail(failure);
    const { total, counts } = this.#tally;
    this.#run.progress("applying the plan", total - counts.left, total);
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    if (this.#isOver) return;
    try {
      await act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#isOver ||= this.#run.signal.aborted || this.#narrowing.isDown || concernsAll(error);
  }
}
