import type { BatchAnswer, RefusedChange } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ActivityRunner, RunOptions } from "./activity-runner.ts";
import type { Activity } from "./answers.ts";
import { importCounters, refusedBy } from "./import-counters.ts";
import type { Added, Look, Looked } from "./look.ts";
import { mayBeSent } from "./standing.ts";

/** What an import may have: the provider drops what is beyond 4 MB or 40,000 rows without a word. */
export const importLimits = { bytes: 3_500_000, rows: 39_000 };

/** A look that is older when its changes are sent is repeated. */
const freshMs = 5_000;

export interface ImportTools {
  readonly runner: ActivityRunner;
  readonly look: Look;
  readonly clock: Clock;
  /** Has the provider import changes. @param prepare says which of them, before each attempt */
  startImport(prepare: () => Promise<readonly Change[]>, signal: AbortSignal): Promise<Activity>;
  /** Whether an activity that the provider lists can be the import of so many changes. */
  isImport(activity: Activity, changes: number): boolean;
}

/** No change is right any more, or an attempt whose answer was lost did them all. */
class NothingToSend extends Error {}

/**
 * Imports changes that fit into one import. Before each attempt they are looked at again, and what is stale is left out.
 *
 * @throws BatchRefusedError, and as the runner and the client do
 */
export async function importChanges(
  changes: readonly Change[],
  tools: ImportTools,
  options: RunOptions,
): Promise<BatchAnswer> {
  return new Import(changes, tools, options).run();
}

class Import {
  readonly #tools: ImportTools;
  readonly #options: RunOptions;
  readonly #stale: Change[] = [];
  readonly #unconfirmed: Change[] = [];
  /** Of those that are sent: who is to be put on the list, and new ones whom it had by then. */
  #added: Added | undefined;
  #held: readonly Change[] = [];
  #sent: readonly Change[];
  #looked: Looked | undefined;
  #attempts = 0;

  constructor(changes: readonly Change[], tools: ImportTools, options: RunOptions) {
    this.#sent = changes;
    this.#tools = tools;
    this.#options = options;
  }

  async run(): Promise<BatchAnswer> {
    const { look, runner } = this.#tools;
    const { signal } = this.#options;
    await runner.prepare(signal);
    this.#looked = await look.at(this.#sent, signal);
    try {
      const activity = await this.#runActivity();
      await look.confirm(this.#added!, signal);
      const refused = refusedBy(activity, this.#sent);
      return this.#answer(
        refused,
        importCounters(activity, { sent: this.#sent.length, refused: refused.length }),
      );
    } catch (error) {
      if (error instanceof NothingToSend) return this.#answer([], {});
      throw error;
    }
  }

  #answer(refused: readonly RefusedChange[], counters: BatchAnswer["counters"]): BatchAnswer {
    const isRefused = new Set(refused.map(({ change }) => change));
    return {
      refused,
      stale: this.#stale,
      unconfirmed: this.#unconfirmed,
      held: this.#held.filter((change) => !isRefused.has(change)),
      counters,
      attempts: this.#attempts,
    };
  }

  #runActivity(): Promise<Activity> {
    const { runner, startImport, isImport } = this.#tools;
    const { signal } = this.#options;
    const start = (attempt: number) => {
      this.#attempts = attempt;
      return startImport(() => this.#prepare(), signal);
    };
    const matches = (activity: Activity) => isImport(activity, this.#sent.length);
    return runner.run({ kind: "import", start, matches }, this.#options);
  }

  async #prepare(): Promise<readonly Change[]> {
    const { look, clock } = this.#tools;
    const isFresh = this.#attempts === 1 && clock.now() - this.#looked!.at <= freshMs;
    if (!isFresh) this.#looked = await look.at(this.#sent, this.#options.signal);
    const { standingOf } = this.#looked!;
    const right = this.#sent.filter((change) => mayBeSent(change, standingOf(change)));
    const leftOut = this.#sent.filter((change) => !mayBeSent(change, standingOf(change)));
    (this.#attempts === 1 ? this.#stale : this.#unconfirmed).push(...leftOut);
    this.#sent = right;
    this.#added = {
      joined: right.filter((change) => standingOf(change) === "outside"),
      created: right.filter((change) => standingOf(change) === "unknown"),
      since: clock.now(),
    };
    this.#held = right.filter((change) => change.kind === "subscribe" && standingOf(change) === "member");
    if (right.length === 0) throw new NothingToSend();
    return right;
  }
}
