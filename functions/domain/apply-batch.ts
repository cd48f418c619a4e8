import { BatchRefusedError, ProviderContractError } from "./errors.ts";
import type { Change } from "./plan.ts";
import { type BatchAnswer, type Discrepancy, findDiscrepancies } from "./reconcile.ts";

/** A change that the provider refused, in the provider's own words. */
interface RefusedChange {
  readonly change: Change;
  readonly reason: string;
}

/** What became of a batch; all of it is true even if a failure cut the batch short. */
export interface BatchOutcome {
  /** Changes in the requests that the provider answered with success. */
  readonly accepted: number;
  readonly created: number;
  readonly subscribed: number;
  readonly unsubscribed: number;
  readonly dataChanged: number;
  /** Changes that were no longer right when they were to be sent, for the first time or again. */
  readonly stale: number;
  readonly refused: readonly RefusedChange[];
  readonly discrepancies: readonly Discrepancy[];
  /** Why the rest of the batch was not written. */
  readonly failure?: unknown;
}

/** So many rows, or half of the batch if that is more, may be refused before the fault is taken to be the provider's. */
const maxRefused = 50;

/** How often a part may lose the lines that the provider names; then it is halved, for naming leads nowhere. */
const maxNamings = 5;

/**
 * Writes one batch. Rows that the provider refuses are set aside and the rest is sent again: the lines that
 * it names at once, else the batch is halved until the bad row stands alone. One bad row stops no other.
 *
 * @param batch its number in the run, from 1, for the discrepancies
 * @returns with a ProviderContractError as its failure when more rows are refused than a list can hold by
 *   accident, and else with whatever `write` throws beside a BatchRefusedError
 */
export async function applyBatch(
  batch: number,
  changes: readonly Change[],
  write: (changes: readonly Change[]) => Promise<BatchAnswer>,
): Promise<BatchOutcome> {
  const outcome = {
    created: 0,
    subscribed: 0,
    unsubscribed: 0,
    dataChanged: 0,
    accepted: 0,
    stale: 0,
    refused: [] as RefusedChange[],
    discrepancies: [] as Discrepancy[],
    failure: undefined as unknown,
  };
  const bound = Math.max(maxRefused, changes.length / 2);
  let namings = 0;
  const waiting = [changes];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const refusal = await writePart(part);
    if (outcome.failure !== undefined) break;
    if (refusal === undefined) continue;
    const named = new Map(
      refusal.lines
        .filter(({ position }) => position < part.length)
        .map(({ position, reason }) => [position, reason]),
    );
    if (named.size > 0 && ++namings <= maxNamings) {
      for (const [position, reason] of named) outcome.refused.push({ change: part[position]!, reason });
      waiting.push(part.filter((_, position) => !named.has(position)));
    } else if (part.length === 1) {
      outcome.refused.push({ change: part[0]!, reason: refusal.reason });
    } else {
      const middle = part.length >>> 1;
      waiting.push(part.slice(middle), part.slice(0, middle));
    }
    if (outcome.refused.length > bound) {
      outcome.failure = refusesTooMuch(outcome.refused.length, changes.length);
      break;
    }
  }
  return outcome;

  async function writePart(part: readonly Change[]): Promise<BatchRefusedError | undefined> {
    if (part.length === 0) return undefined;
    try {
      const answer = await write(part);
      const leftOut = answer.stale.length + answer.unconfirmed.length;
      outcome.accepted += part.length - leftOut;
      outcome.stale += leftOut;
      outcome.created += answer.created;
      outcome.subscribed += answer.subscribed;
      outcome.unsubscribed += answer.unsubscribed;
      outcome.dataChanged += answer.dataChanged;
      outcome.discrepancies.push(...findDiscrepancies(batch, part, answer));
      return undefined;
    } catch (error) {
      if (error instanceof BatchRefusedError) return error;
      outcome.failure = error;
      return undefined;
    }
  }
}

function refusesTooMuch(refused: number, rows: number): ProviderContractError {
  return new ProviderContractError(
    "writing a batch",
    `more than ${refused - 1} of ${rows} rows were refused; the fault is hardly theirs`,
  );
}
