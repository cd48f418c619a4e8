import { BatchRefusedError, ProviderContractError } from "./errors.ts";
import type { Change } from "./plan.ts";
import { type BatchAnswer, type Discrepancy, findDiscrepancies } from "./reconcile.ts";

/** A change that the provider refused, in the provider's own words. */
interface RefusedChange {
  readonly change: Change;
  readonly reason: string;
}

export interface BatchOutcome {
  readonly created: number;
  readonly subscribed: number;
  readonly unsubscribed: number;
  readonly dataChanged: number;
  readonly refused: readonly RefusedChange[];
  readonly discrepancies: readonly Discrepancy[];
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
 * @throws ProviderContractError when it refuses more rows than a list can hold by accident; and whatever
 *   `write` throws beside a BatchRefusedError
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
    refused: [] as RefusedChange[],
    discrepancies: [] as Discrepancy[],
  };
  const bound = Math.max(maxRefused, changes.length / 2);
  let namings = 0;
  const waiting = [changes];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const refusal = await writePart(part);
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
    if (outcome.refused.length > bound) throw refusesTooMuch(outcome.refused.length, changes.length);
  }
  return outcome;

  async function writePart(part: readonly Change[]): Promise<BatchRefusedError | undefined> {
    if (part.length === 0) return undefined;
    try {
      const answer = await write(part);
      outcome.created += answer.created;
      outcome.subscribed += answer.subscribed;
      outcome.unsubscribed += answer.unsubscribed;
      outcome.dataChanged += answer.dataChanged;
      outcome.discrepancies.push(...findDiscrepancies(batch, part, answer));
      return undefined;
    } catch (error) {
      if (error instanceof BatchRefusedError) return error;
      throw error;
    }
  }
}

function refusesTooMuch(refused: number, rows: number): ProviderContractError {
  return new ProviderContractError(
    "writing a batch",
    `more than ${refused - 1} of ${rows} rows were refused; the fault is hardly theirs`,
  );
}
