import * as z from "zod";
import type { PlanCounts } from "./plan.ts";

const limitSchema = (ratio: number, floor: number) =>
  z
    .strictObject({
      /** The share of the list's subscribers, from 0 to 1, that one run may change in this way. */
      ratio: z.number().min(0).max(1).default(ratio),
      /** This many changes are allowed whatever the ratio: in a small list, a few are a large share. */
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
 * Why a plan must not be applied without approval; empty if it may. A count exceeds its limit if it exceeds both the
 * floor and the ratio of the list's subscribers. A list that has nobody at all, subscribed or not, may be filled: that
 * is the first load.
 */
export function findRefusals({ current, planned }: PlanCounts, limits: Limits): string[] {
  const refusals: string[] = [];
  const subscribers = current.subscribed;
  const removed = { count: planned.unsubscribe, subscribers };
  if (exceeds(removed, limits.unsubscribe)) {
    refusals.push(describe("unsubscribe", removed, limits.unsubscribe));
  }
  const added = { count: planned.subscribe + planned.resubscribe, subscribers };
  const isFirstLoad = current.subscribed + current.unsubscribed === 0;
  if (!isFirstLoad && exceeds(added, limits.subscribe)) {
    refusals.push(describe("subscribe", added, limits.subscribe));
  }
  return refusals;
}

interface ImportNumbers {
  /** Unsubscribed rows in the files. */
  readonly unsubscribed: number;
  /** How many of them a person has allowed. */
  readonly allowed: number;
  /** Subscribers at the provider before the import. */
  readonly subscribers: number;
}

/**
 * Why an import must not be announced without approval; undefined if it may. Nothing tells how many of its unsubscribed
 * rows are unsubscribed at the provider already, so all of them count, except for those that a person has allowed.
 */
export function findImportRefusal(
  { unsubscribed, allowed, subscribers }: ImportNumbers,
  limits: Limits,
): string | undefined {
  const removed = { count: Math.min(unsubscribed - allowed, subscribers), subscribers };
  if (!exceeds(removed, limits.unsubscribe)) return undefined;
  return describe("unsubscribe up to", removed, limits.unsubscribe);
}

/** A number of changes, out of the subscribers of a list. */
interface Part {
  readonly count: number;
  readonly subscribers: number;
}

function exceeds({ count, subscribers }: Part, limit: Limit): boolean {
  return count > limit.floor && count > limit.ratio * subscribers;
}

function describe(verb: string, { count, subscribers }: Part, limit: Limit): string {
  const share = subscribers === 0 ? "" : ` (${((100 * count) / subscribers).toFixed(1)} %)`;
  return (
    `it would ${verb} ${count} of ${subscribers} subscribers${share}; ` +
    `the limit is ${limit.floor}, or ${Number((limit.ratio * 100).toFixed(2))} % of the list if that is more`
  );
}
