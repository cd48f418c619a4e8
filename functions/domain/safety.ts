import * as z from "zod";
import type { PlanCounts } from "./plan.ts";

const limitSchema = (ratio: number, floor: number) =>
  z
    .strictObject({
      /** The largest part of the list's subscribers that one run may change this way, from 0 to 1. */
      ratio: z.number().min(0).max(1).default(ratio),
      /** Up to this many changes the ratio does not matter: of a small list every ratio is large. */
      floor: z.int().nonnegative().default(floor),
    })
    .prefault({});
type Limit = z.infer<ReturnType<typeof limitSchema>>;

/** What one run may do to a list without a person's approval. */
export const limitsSchema = z
  .strictObject({
    unsubscribe: limitSchema(0.1, 100),
    subscribe: limitSchema(0.5, 1000),
  })
  .prefault({});
export type Limits = z.infer<typeof limitsSchema>;

/**
 * Why a plan is not safe to apply unseen; empty when it is. A limit is passed when the count exceeds its
 * floor and its ratio of the list's subscribers. A list that holds nobody at all, subscribed or not, may
 * be filled: that is the first load.
 */
export function findRefusals({ current, planned }: PlanCounts, limits: Limits): string[] {
  const refusals: string[] = [];
  if (passes(planned.unsubscribe, limits.unsubscribe, current.subscribed)) {
    refusals.push(describe("unsubscribe", planned.unsubscribe, current.subscribed, limits.unsubscribe));
  }
  const added = planned.subscribe + planned.resubscribe;
  const isFirstLoad = current.subscribed + current.unsubscribed === 0;
  if (!isFirstLoad && passes(added, limits.subscribe, current.subscribed)) {
    refusals.push(describe("subscribe", added, current.subscribed, limits.subscribe));
  }
  return refusals;
}

/**
 * Why an import is not safe to announce unseen; undefined when it is. Nothing tells how many of a file's rows that say
 * "unsubscribed" are so at the provider already: all of them count, but for those that a person has allowed.
 *
 * @param unsubscribed how many rows say so
 * @param subscribers how many the provider counts before the import
 */
export function findImportRefusal(
  { unsubscribed, allowed, subscribers }: { unsubscribed: number; allowed: number; subscribers: number },
  limits: Limits,
): string | undefined {
  const leaving = Math.min(unsubscribed - allowed, subscribers);
  if (!passes(leaving, limits.unsubscribe, subscribers)) return undefined;
  return describe("unsubscribe up to", leaving, subscribers, limits.unsubscribe);
}

function passes(count: number, limit: Limit, subscribers: number): boolean {
  return count > limit.floor && count > limit.ratio * subscribers;
}

function describe(verb: string, count: number, subscribers: number, limit: Limit): string {
  const share = subscribers === 0 ? "" : ` (${((100 * count) / subscribers).toFixed(1)} %)`;
  return (
    `it would ${verb} ${count} of ${subscribers} subscribers${share}; ` +
    `the limit is ${limit.floor}, or ${Number((limit.ratio * 100).toFixed(2))} % of the list if that is more`
  );
}
