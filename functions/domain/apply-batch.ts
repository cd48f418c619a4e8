import type { BatchAnswer, RefusedChange } from "./batch-answer.ts";
import { BatchRefusedError, ProviderContractError, type RefusedLine } from "./errors.ts";
import type { Change } from "./plan.ts";
import { type Discrepancy, findDiscrepancies } from "./reconcile.ts";

/** What became of a batch. All of it is true even when a failure cut the batch short. */
export interface BatchOutcome {
  /** Changes that the provider accepted. */
  readonly applied: readonly Change[];
  readonly refused: readonly RefusedChange[];
  /** How many changes were no longer right when they were to be sent, for the first time or again. */
  readonly stale: number;
  readonly discrepancies: readonly Discrepancy[];
  /** Why the rest of the batch was not sent. */
  readonly failure?: unknown;
}

/** Beyond this many refusals, or half of the batch if that is more, the fault is taken to be the provider's. */
const maxRefused = 50;

/** How often a part may lose the lines that the provider names. Then naming leads nowhere, and it is halved. */
const maxNamings = 5;

/**
 * Sends one batch. What the provider refuses is set aside and the rest is sent again: without the lines that
 * it names, else in halves until the bad change stands alone. One bad change holds up no other.
 *
 * @param batch its number in the run, from 1
 * @returns with a failure when `write` throws anything but a BatchRefusedError; a ProviderContractError when
 *   more changes are refused than can be bad by accident
 */
export async function applyBatch(
  batch: number,
  changes: readonly Change[],
  write: (changes: readonly Change[]) => Promise<BatchAnswer>,
): Promise<BatchOutcome> {
  const applied: Change[] = [];
  const refused: RefusedChange[] = [];
  const discrepancies: Discrepancy[] = [];
  let stale = 0;
  let namings = 0;
  const bound = Math.max(maxRefused, changes.length / 2);
  const waiting = [changes];
  const outcome = (failure?: unknown): BatchOutcome => ({ applied, refused, stale, discrepancies, failure });
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.length === 0) continue;
    try {
      record(part, await write(part));
    } catch (error) {
      if (!(error instanceof BatchRefusedError)) return outcome(error);
      narrowDown(part, error);
    }
    if (refused.length > bound) return outcome(refusesTooMuch(refused.length, changes.length));
  }
  return outcome();

  function record(part: readonly Change[], answer: BatchAnswer): void {
    const leftOut = [...answer.stale, ...answer.unconfirmed];
    const others = new Set([...leftOut, ...answer.refused.map(({ change }) => change)]);
    for (const change of part) if (!others.has(change)) applied.push(change);
    stale += leftOut.length;
    refused.push(...answer.refused);
    discrepancies.push(...findDiscrepancies(batch, answer));
  }

  function narrowDown(part: readonly Change[], { lines, reason }: BatchRefusedError): void {
    const named = namedChanges(part, lines);
    if (named.size > 0 && ++namings <= maxNamings) {
      for (const [change, reason] of named) refused.push({ change, reason });
      waiting.push(part.filter((change) => !named.has(change)));
    } else if (part.length === 1) {
      refused.push({ change: part[0]!, reason });
    } else {
      const middle = part.length >>> 1;
      waiting.push(part.slice(middle), part.slice(0, middle));
    }
  }
}

/** Why each change was refused that a line names. A line that the part does not have names none. */
function namedChanges(part: readonly Change[], lines: readonly RefusedLine[]): ReadonlyMap<Change, string> {
  return new Map(
    lines.flatMap(({ position, reason }) => {
      const change = part[position];
      return change === undefined ? [] : [[change, reason]];
    }),
  );
}

function refusesTooMuch(refused: number, changes: number): ProviderContractError {
  return new ProviderContractError(
    "writing a batch",
    `${refused} of ${changes} rows were refused, and the rest was not sent: the fault is unlikely to be theirs`,
  );
}
