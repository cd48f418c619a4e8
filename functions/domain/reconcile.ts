import type { Change } from "./plan.ts";

/** The provider's own counters for one batch. */
export interface BatchAnswer {
  readonly uniqueEmails: number;
  readonly duplicateEmails: number;
  readonly duplicateGuids: number;
  readonly created: number;
  readonly subscribed: number;
  readonly unsubscribed: number;
  readonly dataChanged: number;
  /** How many errors the answer listed although the batch was accepted. */
  readonly errors: number;
  /** Changes that were not sent: resubscriptions whose address was no longer what the plan saw. */
  readonly stale: readonly Change[];
  /** Changes that were not sent again, likewise: perhaps the first time, which was not answered, had done them. */
  readonly unconfirmed: readonly Change[];
  /** How often the batch had to be sent; after the first time the counters may tell only half the story. */
  readonly attempts: number;
}

/** What is counted of an answer. */
export type Counter = Exclude<keyof BatchAnswer, "stale" | "unconfirmed" | "attempts">;

/** A counter of the provider's answer that is not what the plan predicted. */
export interface Discrepancy {
  /** Which batch of the run, from 1. */
  readonly batch: number;
  readonly counter: Counter;
  readonly predicted: number;
  readonly answered: number;
  /** The batch had to be sent more than once: an earlier, unanswered time may have made the difference. */
  readonly afterRetry: boolean;
}

/**
 * Holds a batch's answer against what its changes must have done; what differs is reported, never assumed fine.
 *
 * @param planned the batch, of which what was stale is left out
 */
export function findDiscrepancies(
  batch: number,
  planned: readonly Change[],
  answer: BatchAnswer,
): Discrepancy[] {
  const stale = new Set(answer.stale);
  const changes = planned.filter((change) => !stale.has(change));
  const of = (kind: Change["kind"]) => changes.filter((change) => change.kind === kind).length;
  const predicted = {
    uniqueEmails: changes.length,
    duplicateEmails: 0,
    duplicateGuids: 0,
    created: of("subscribe"),
    subscribed: of("subscribe") + of("resubscribe"),
    unsubscribed: of("unsubscribe"),
    dataChanged: nearest(answer.dataChanged, ...dataChangedBounds(changes)),
    errors: 0,
  };
  const counters = Object.keys(predicted) as (keyof typeof predicted)[];
  return counters
    .filter((counter) => answer[counter] !== predicted[counter])
    .map((counter) => ({
      batch,
      counter,
      predicted: predicted[counter],
      answered: answer[counter],
      afterRetry: answer.attempts > 1 || answer.unconfirmed.length > 0,
    }));
}

/**
 * The documentation says "rows whose attributes changed", and not whether a new row's count, nor whether
 * a guid is an attribute: at least the `data_*` updates, at most every row that carries a field.
 */
function dataChangedBounds(changes: readonly Change[]): [least: number, most: number] {
  let least = 0;
  let most = 0;
  for (const change of changes) {
    if (change.kind === "unsubscribe") continue;
    const names = Object.keys(change.fields);
    if (names.length > 0) most++;
    if (change.kind !== "subscribe" && names.some((name) => name !== "guid")) least++;
  }
  return [least, most];
}

function nearest(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
