import { CurrentMatcher } from "../domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Differences } from "../domain/diff/differences.ts";
import { isActOfOurs } from "../domain/diff/known-readers.ts";
import { Planner } from "../domain/diff/planner.ts";
import { Shields } from "../domain/diff/shields.ts";
import { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { canonicalEmail } from "../domain/email.ts";
import { type Change, type Kept, keptReasons } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import { packCurrent, packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import type { Act, Remembered } from "../domain/remembered.ts";
import type { CurrentSubscriber } from "../domain/subscriber.ts";
import type { Push } from "../platform/storage/memory/push-memory.ts";
import type { LookedUp } from "./look-up.ts";
import type { PushedChange } from "./push-message.ts";

/** How far the provider's time of a change and ours may differ: ours is noted once the batch is done, to the minute. */
const actToleranceMs = 5 * 60_000;

/** What is to be done for one message. */
export interface MessagePlan {
  /** One for each spelling that has to change; none if nothing has to. */
  readonly changes: readonly Change[];
  /** Why the provider's word stands. */
  readonly kept: readonly Kept[];
  /** What a run did for the reader before the message came, if it has nothing left to do. */
  readonly already: Push | undefined;
}

export interface PlanTools {
  readonly lookedUp: Pick<LookedUp, "comparable" | "rowsOf">;
  /** What the list says. */
  readonly policy: Pick<
    Policy,
    "resubscribeBounced" | "resubscribePublisher" | "providerFields" | "clearsFields"
  >;
  readonly remembered: Remembered;
  lastPushOn(canonical: string): Push | undefined;
}

/**
 * Decides on one message as a sync would decide if its reader were the whole list: by the same index, planner and truth table.
 * Nobody else is missing because a message does not name them.
 */
export function planMessage(message: PushedChange, tools: PlanTools): MessagePlan {
  const { lookedUp, policy, remembered } = tools;
  const rows = lookedUp.rowsOf(message);
  const { comparable } = lookedUp;
  const columns = Object.keys(message.desired.fields);
  const writer = new RecordWriter(256);
  const index = new SubscriberIndex(columns, rows.length + 1);
  for (const row of rows) packCurrent(writer, columns, asSaid(row, tools));
  new CurrentMatcher(index).match({
    records: writer.finish(),
    showsGuid: comparable.guid,
    showsData: comparable.data,
  });
  const matcher = new DesiredMatcher(index);
  packDesired(writer, columns, message.desired);
  matcher.match(writer.finish());
  const { saidAt } = message;
  const times = { sourceReadAt: saidAt, lastReadAt: saidAt, graceMs: 0 };
  const differences = new Differences({
    index,
    matcher,
    policy: { ...policy, ...times, onlyAtProvider: "keep", givesConsents: true },
    shields: new Shields(),
  });
  const planner = new Planner(differences, remembered);
  const changes: Change[] = [];
  for (const entry of [...index.entriesOf(message.canonical)]) {
    if (differences.isSame(entry)) continue;
    const group = planner.decideOn(entry);
    if (group !== undefined) changes.push(asShown(planner.changeOf(entry), rows));
  }
  return {
    changes,
    kept: keptReasons.filter((reason) => planner.counts.kept[reason] > 0),
    already: alreadyDone(message, rows, tools),
  };
}

/**
 * What a push made of an address counts as of when the reader said so, as the message may have waited; and what a sync
 * subscribed says nothing about when the reader did.
 */
function asSaid(row: CurrentSubscriber, { lastPushOn, remembered }: PlanTools): CurrentSubscriber {
  const canonical = canonicalEmail(row.email);
  const push = lastPushOn(canonical);
  // Else a run has subscribed them since, and they have left by themselves.
  const isLast = row.subscribed || remembered.lastActOn(canonical)?.kind === "unsubscribed";
  if (push !== undefined && isLast && isMadeBy(push, row)) {
    return { ...row, [row.subscribed ? "subscribedAt" : "unsubscribedAt"]: push.saidAt };
  }
  if (!row.subscribed || !isActOfOurs(row, remembered)) return row;
  const { subscribedAt: _, ...rest } = row;
  return rest;
}

/**
 * What a run of ours has made of the message's address already, if that is what the message asks for: a sync may be faster.
 * It then counts as of when the reader said so, too.
 */
function alreadyDone(
  { canonical, desired, saidAt }: PushedChange,
  rows: readonly CurrentSubscriber[],
  { remembered }: PlanTools,
): Push | undefined {
  const act = remembered.lastActOn(canonical);
  if (act === undefined) return undefined;
  const isDone = (row: CurrentSubscriber) => row.subscribed === desired.subscribed && isMadeBy(act, row);
  const isOwn = ({ email }: CurrentSubscriber) => canonicalEmail(email) === canonical;
  return rows.some((row) => isOwn(row) && isDone(row)) ? { ...act, saidAt } : undefined;
}

/** Whether a row is what an act of ours made of it. Strictly: what a reader did at the provider keeps its own time. */
function isMadeBy(
  { kind, at }: Act,
  { subscribed, subscribedAt, unsubscribedAt }: CurrentSubscriber,
): boolean {
  const time = subscribed ? subscribedAt : unsubscribedAt;
  if (time === undefined || kind !== (subscribed ? "subscribed" : "unsubscribed")) return false;
  return Math.abs(time - at) <= actToleranceMs;
}

/** The provider compares what a change saw with what it has: with its own times. */
function asShown(change: Change, rows: readonly CurrentSubscriber[]): Change {
  if (change.kind !== "resubscribe") return change;
  const { unsubscribedAt: _, ...saw } = change.saw;
  const at = rows.find(({ email }) => email === change.email)?.unsubscribedAt;
  return {
    ...change,
    saw: { ...saw, ...(at !== undefined && { unsubscribedAt: new Date(at).toISOString() }) },
  };
}
