import { isActOfOurs } from "../domain/diff/known-readers.ts";
import { canonicalEmail } from "../domain/email.ts";
import type { Act, Remembered } from "../domain/remembered.ts";
import type { CurrentSubscriber } from "../domain/subscriber.ts";
import type { Push } from "../platform/storage/memory/push-memory.ts";

/** What is known of what runs did to readers, and of what these had said. */
export interface EarlierRuns {
  readonly remembered: Remembered;
  /** In this direction. */
  lastPushOn(canonical: string, kind: Push["kind"]): Push | undefined;
}

/** How far the provider's time of a change and ours may differ: ours is noted once the batch is done, to the minute. */
const actToleranceMs = 5 * 60_000;

/**
 * What a push made of an address counts as of when the reader said so, as the message may have waited; what a push found done,
 * as of when they said it last; and what a sync subscribed says nothing about when the reader did.
 */
export function asSaid(row: CurrentSubscriber, { lastPushOn, remembered }: EarlierRuns): CurrentSubscriber {
  const canonical = canonicalEmail(row.email);
  const [kind, opposite] = row.subscribed
    ? (["subscribed", "unsubscribed"] as const)
    : (["unsubscribed", "subscribed"] as const);
  const push = lastPushOn(canonical, kind);
  // Else a run has subscribed them since, and they have left by themselves.
  const isLast =
    !isAfter(lastPushOn(canonical, opposite), push) &&
    (row.subscribed || remembered.lastActOn(canonical)?.kind === "unsubscribed");
  if (push !== undefined && isLast && isMadeBy(push, row)) return dated(row, push.saidAt);
  const { subscribedAt: _, ...rest } = row;
  const told = row.subscribed && isActOfOurs(row, remembered) ? rest : row;
  // Of an unknown time, an opt-out may be later than anything that was said.
  const time = timeOf(told) ?? (row.subscribed ? 0 : Number.POSITIVE_INFINITY);
  return push !== undefined && push.saidAt > time ? dated(row, push.saidAt) : told;
}

/** Whether a push is later than another one, as far as minutes tell. */
function isAfter(push: Push | undefined, other: Push | undefined): boolean {
  if (push === undefined || other === undefined) return false;
  return push.at === other.at ? push.saidAt > other.saidAt : push.at > other.at;
}

function dated(row: CurrentSubscriber, time: number): CurrentSubscriber {
  return { ...row, [row.subscribed ? "subscribedAt" : "unsubscribedAt"]: time };
}

/** Whether a row is what an act of ours made of it. Strictly: what a reader did at the provider keeps its own time. */
export function isMadeBy({ kind, at }: Act, row: CurrentSubscriber): boolean {
  const time = timeOf(row);
  if (time === undefined || kind !== (row.subscribed ? "subscribed" : "unsubscribed")) return false;
  return Math.abs(time - at) <= actToleranceMs;
}

/** Since when a row is as it is. */
export function timeOf({ subscribed, subscribedAt, unsubscribedAt }: CurrentSubscriber): number | undefined {
  return subscribed ? subscribedAt : unsubscribedAt;
}
