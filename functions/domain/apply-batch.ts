import type { BatchAnswer, RefusedChange } from "./batch-answer.ts";
import type { Halved, Narrowing } from "./narrowing.ts";
import type { Change } from "./plan.ts";
import { BatchRefusedError, ProviderUnavailableError, type RefusedLine } from "./provider-errors.ts";
import { type Discrepancy, findDiscrepancies } from "./reconcile.ts";

/** A change at which the provider fails, sent alone. It is at fault only if other requests were accepted since. */
export interface Suspect {
  readonly change: Change;
  readonly error: ProviderUnavailableError;
  /** How many requests of the run were accepted before those that failed. */
  readonly acceptedBefore: number;
}

/** What became of a batch. All of it is true even when a failure cut the batch short. */
export interface BatchOutcome {
  /** Changes that the provider accepted. */
  readonly applied: readonly Change[];
  /** Those of them that subscribed nobody: the list had the address by then. */
  readonly held: readonly Change[];
  readonly refused: readonly RefusedChange[];
  readonly suspects: readonly Suspect[];
  /** How many changes were no longer right when they were to be sent, for the first time or again. */
  readonly stale: number;
  readonly discrepancies: readonly Discrepancy[];
  /** Why the rest of the batch was not sent. */
  readonly failure?: unknown;
}

export interface BatchTools {
  /** The batch's number in the run, from 1. */
  readonly batch: number;
  /** Sends changes in one request; parts of a batch are not worth as many tries as a whole one. */
  write(changes: readonly Change[], tries: "usual" | "few"): Promise<BatchAnswer>;
  readonly narrowing: Narrowing;
}

/**
 * Sends one batch. What the provider refuses is set aside, and the rest is sent again: without the lines that it names,
 * else in halves until the bad change stands alone. A batch at which the provider fails is halved, too. So one bad change
 * holds up no other, and a provider that cannot take many at once gets fewer.
 *
 * @returns with a failure when the provider is down or refuses too much, and when `write` throws anything else
 */
export async function applyBatch(changes: readonly Change[], tools: BatchTools): Promise<BatchOutcome> {
  const batch = new Batch(tools);
  const failure = await batch.send(changes).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ...batch.outcome, failure };
}

/** How often a batch may lose the lines that the provider names. Then naming leads nowhere, and it is halved. */
const maxNamings = 5;

interface Part {
  readonly changes: readonly Change[];
  /** What it is a half of, if it is one. */
  readonly halved?: Halved;
}

class Batch {
  readonly #applied: Change[] = [];
  readonly #held: Change[] = [];
  readonly #refused: RefusedChange[] = [];
  readonly #suspects: Suspect[] = [];
  readonly #discrepancies: Discrepancy[] = [];
  readonly #tools: BatchTools;
  readonly #acceptedBefore: number;
  #stale = 0;
  #namings = 0;
  #lastFailure: ProviderUnavailableError | undefined;

  constructor(tools: BatchTools) {
    this.#tools = tools;
    this.#acceptedBefore = tools.narrowing.accepted;
  }

  get outcome(): BatchOutcome {
    return {
      applied: this.#applied,
      held: this.#held,
      refused: this.#refused,
      suspects: this.#suspects,
      stale: this.#stale,
      discrepancies: this.#discrepancies,
    };
  }

  async send(changes: readonly Change[]): Promise<void> {
    const { narrowing } = this.#tools;
    for (let sent = 0; sent < changes.length; ) {
      const whole = { changes: changes.slice(sent, sent + narrowing.mostChanges) };
      sent += whole.changes.length;
      const parts = await this.#attempt(whole);
      if (parts.length > 0) await narrowing.inTurn(() => this.#narrow(parts));
    }
  }

  /** Both halves are tried before either is divided further: mostly one of them is good, and shows that the provider is up. */
  async #narrow(halves: readonly Part[]): Promise<void> {
    const { narrowing } = this.#tools;
    const waiting = [halves];
    for (let siblings = waiting.pop(); siblings !== undefined; siblings = waiting.pop()) {
      const divided: (readonly Part[])[] = [];
      for (const part of siblings) {
        const parts =
          part.changes.length > narrowing.mostChanges ? halvesOf(part) : await this.#attemptPart(part);
        if (parts.length > 0) divided.push(parts);
      }
      waiting.push(...divided.reverse());
    }
  }

  async #attemptPart(part: Part): Promise<readonly Part[]> {
    const { narrowing } = this.#tools;
    if (narrowing.isDown && this.#lastFailure !== undefined) throw this.#lastFailure;
    narrowing.spendOn(this.#lastFailure);
    return await this.#attempt(part);
  }

  /** @returns what is to be sent in its place; nothing if it is settled */
  async #attempt(part: Part): Promise<readonly Part[]> {
    const { write, narrowing } = this.#tools;
    try {
      const answer = await write(part.changes, part.halved === undefined ? "usual" : "few");
      narrowing.onAccepted(part.halved);
      this.#record(part.changes, answer);
      return [];
    } catch (error) {
      if (error instanceof BatchRefusedError) return this.#afterRefusal(part, error);
      if (error instanceof ProviderUnavailableError && error.mayBeRows)
        return this.#afterFailure(part, error);
      throw error;
    }
  }

  #record(changes: readonly Change[], answer: BatchAnswer): void {
    const leftOut = [...answer.stale, ...answer.unconfirmed];
    const others = new Set([...leftOut, ...answer.refused.map(({ change }) => change)]);
    for (const change of changes) if (!others.has(change)) this.#applied.push(change);
    this.#stale += leftOut.length;
    this.#held.push(...answer.held);
    this.#refused.push(...answer.refused);
    const isRepeated = this.#lastFailure !== undefined;
    this.#discrepancies.push(...findDiscrepancies(this.#tools.batch, answer, isRepeated));
  }

  #afterRefusal(part: Part, { lines, reason }: BatchRefusedError): readonly Part[] {
    const { changes } = part;
    const named = namedChanges(changes, lines);
    this.#tools.narrowing.onRefusal();
    if (named.size > 0 && ++this.#namings <= maxNamings) {
      for (const [change, reason] of named) this.#refused.push({ change, reason });
      const others = changes.filter((change) => !named.has(change));
      return others.length === 0 ? [] : [{ changes: others }];
    }
    if (changes.length > 1) return halvesOf(part);
    this.#refused.push({ change: changes[0]!, reason });
    this.#tools.narrowing.onRefusedAlone();
    return [];
  }

  #afterFailure(part: Part, error: ProviderUnavailableError): readonly Part[] {
    this.#lastFailure = error;
    const [change] = part.changes;
    const isAlone = part.changes.length === 1;
    if (isAlone) this.#suspects.push({ change: change!, error, acceptedBefore: this.#acceptedBefore });
    this.#tools.narrowing.onFailure(error, this.#acceptedBefore);
    return isAlone ? [] : halvesOf(part);
  }
}

function halvesOf({ changes }: Part): Part[] {
  const middle = changes.length >>> 1;
  const halved = { size: changes.length, accepted: 0 };
  return [
    { changes: changes.slice(0, middle), halved },
    { changes: changes.slice(middle), halved },
  ];
}

/** Why each change was refused that a line names. A line that the part does not have names none. */
function namedChanges(
  changes: readonly Change[],
  lines: readonly RefusedLine[],
): ReadonlyMap<Change, string> {
  return new Map(
    lines.flatMap(({ position, reason }) => {
      const change = changes[position];
      return change === undefined ? [] : [[change, reason]];
    }),
  );
}
