import type { BatchAnswer, RefusedChange } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { Attempt, EndedActivity, RunOptions } from "./activity-runner.ts";
import type { Activity } from "./answers.ts";
import type { WritingTools } from "./constant-contact-list.ts";
import { importCounters, refusedBy, tookAll } from "./import-counters.ts";
import type { Looked } from "./look.ts";
import type { Joining } from "./mirror/mirror-state.ts";
import { mayBeSent } from "./standing.ts";

/** What an import may have: the provider drops what is beyond 4 MB or 40,000 rows without a word. */
export const importLimits = { bytes: 3_500_000, rows: 39_000 };

/** A look that is older when its changes are sent is repeated. */
const freshMs = 5_000;

export interface ImportTools
  extends Pick<WritingTools, "runner" | "look" | "clock" | "mirror" | "contactIdsOf"> {
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
  /** Of those that are sent: new ones whom the list had by then. */
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
    const start = (attempt: Attempt) => {
      this.#attempts = attempt.number;
      return startImport(() => this.#prepare(attempt), signal);
    };
    const matches = (activity: Activity) => isImport(activity, this.#sent.length);
    const joined = (activity: EndedActivity) => this.#joinedBy(activity);
    return runner.run({ kind: "import", start, matches, joined }, this.#options);
  }

  async #prepare({ describe }: Attempt): Promise<readonly Change[]> {
    const { look, clock } = this.#tools;
    const isFresh = this.#attempts === 1 && clock.now() - this.#looked!.at <= freshMs;
    if (!isFresh) this.#looked = await look.at(this.#sent, this.#options.signal);
    const { standingOf } = this.#looked!;
    const right = this.#sent.filter((change) => mayBeSent(change, standingOf(change)));
    const leftOut = this.#sent.filter((change) => !mayBeSent(change, standingOf(change)));
    (this.#attempts === 1 ? this.#stale : this.#unconfirmed).push(...leftOut);
    this.#sent = right;
    this.#held = right.filter((change) => change.kind === "subscribe" && standingOf(change) === "member");
    if (right.length === 0) throw new NothingToSend();
    await describe({ rows: right.length, joining: await this.#joiningOf(right) });
    return right;
  }

  /**
   * Of an import that did not take every row, or may be another program's, only who is shown on the list has joined it: others
   * would seem to have left. Of new contacts, the address is remembered all the same.
   */
  async #joinedBy(activity: EndedActivity): Promise<Joining | undefined> {
    if (!activity.isFound && tookAll(activity, this.#sent.length)) return undefined;
    const refused = new Set(refusedBy(activity, this.#sent).map(({ change }) => change));
    const imported = this.#sent.filter((change) => !refused.has(change));
    this.#looked = await this.#tools.look.at(imported, this.#options.signal);
    const { standingOf } = this.#looked;
    const isDoubtful = (change: Change) => change.kind !== "update" && standingOf(change) !== "member";
    if (activity.isFound) this.#unconfirmed.push(...imported.filter(isDoubtful));
    return this.#joiningOf(
      imported.filter((change) => !isDoubtful(change) || standingOf(change) === "unknown"),
    );
  }

  /** Joining the list may move no clock, and it may be left again before anybody looks. */
  #joiningOf(sent: readonly Change[]): Promise<Joining> {
    const { mirror, contactIdsOf } = this.#tools;
    const { contactsOf } = this.#looked!;
    const joining = sent.filter(({ kind }) => kind !== "update");
    const idsOf = (change: Change) => [
      ...contactIdsOf(change.email),
      ...contactsOf(change).map(({ id }) => id),
    ];
    const contactIds = new Set(joining.flatMap(idsOf));
    const emails = joining.filter((change) => idsOf(change).length === 0).map(({ email }) => email);
    return mirror.storeJoining({ contactIds: [...contactIds], emails });
  }
}
