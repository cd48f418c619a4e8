import type { BatchAnswer } from "./batch-answer.ts";

/** A counter that differs from what the batch should have made it. */
export interface Discrepancy {
  /** The batch's number in the run, from 1. */
  readonly batch: number;
  /** The provider's name for it. */
  readonly counter: string;
  readonly predicted: number;
  readonly answered: number;
  /** The batch was sent more than once, so an earlier attempt that got no answer may explain the difference. */
  readonly afterRetry: boolean;
}

/**
 * The counters of an answer that are not as predicted: each is reported, none is assumed to be harmless.
 *
 * @param isRepeated whether the same changes were in an earlier request that got no answer
 */
export function findDiscrepancies(
  batch: number,
  { counters, attempts, unconfirmed }: BatchAnswer,
  isRepeated = false,
): Discrepancy[] {
  const afterRetry = isRepeated || attempts > 1 || unconfirmed.length > 0;
  return Object.entries(counters)
    .filter(([, { predicted, answered }]) => predicted !== answered)
    .map(([counter, { predicted, answered }]) => ({ batch, counter, predicted, answered, afterRetry }));
}
