import { CurrentMatcher } from "../domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Differences } from "../domain/diff/differences.ts";
import { Planner } from "../domain/diff/planner.ts";
import { Shields } from "../domain/diff/shields.ts";
import { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import { canonicalEmail } from "../domain/email.ts";
import { type Change, type Kept, keptReasons } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import { packCurrent, packDesired } from "../domain/records/pack-subscriber.ts";
import { RecordWriter } from "../domain/records/record-writer.ts";
import type { CurrentSubscriber } from "../domain/subscriber.ts";
import type { Push } from "../platform/storage/memory/push-memory.ts";
import { asSaid, type EarlierRuns, isMadeBy, timeOf } from "./as-said.ts";
import type { LookedUp } from "./look-up.ts";
import type { PushedChange } from "./push-message.ts";

/** What is to be done for one message. */
export interface MessagePlan {
  /** One for each spelling that has to change; none if nothing has to. */
  readonly changes: readonly Change[];
  /** Why the provider's word stands. */
  readonly kept: readonly Kept[];
  /** What is remembered of the reader's word once the message is done and changed no subscription. */
  readonly word: Push | undefined;
}

export interface PlanTools extends EarlierRuns {
  readonly lookedUp: Pick<LookedUp, "comparable" | "rowsOf">;
  /** What the list says. */
  readonly policy: Pick<
    Policy,
    "resubscribeBounced" | "resubscribePublisher" | "providerFields" | "clearsFields"
  >;
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
  // Times are compared to the second: of what was said within the same one, the opt-out holds.
  const readAt = saidAt + 1_000;
  const times = { sourceReadAt: readAt, lastReadAt: readAt, graceMs: 0 };
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
  const kept = keptReasons.filter((reason) => planner.counts.kept[reason] > 0);
  const standing = changes.filter(({ kind }) => !isLate(kind, message, tools));
  if (standing.length < changes.length)
    kept.push(changes.some(({ kind }) => kind === "update") ? "recent" : "optedOut");
  const word =
    alreadyDone(message, rows, tools) ?? (kept.length === 0 ? wordOf(message, rows, tools) : undefined);
  return { changes: standing, kept, word };
}

/** Whether the reader has said something else since, in a message that is done, and no row of the provider's tells. */
function isLate(
  kind: Change["kind"],
  { canonical, desired, saidAt }: PushedChange,
  { lastPushOn }: PlanTools,
): boolean {
  // An absent reader has no row that could be newer, and fields have no time.
  const left = kind === "subscribe" ? lastPushOn(canonical, "unsubscribed") : undefined;
  const renewed =
    kind === "update" && desired.consentedAt !== undefined ? lastPushOn(canonical, "subscribed") : undefined;
  return (left !== undefined && left.saidAt >= saidAt) || (renewed !== undefined && renewed.saidAt > saidAt);
}

/** The reader's word, unless it is known already, or a later one that says the same. */
function wordOf(
  { canonical, desired, saidAt }: PushedChange,
  rows: readonly CurrentSubscriber[],
  tools: PlanTools,
): Push | undefined {
  const kind = desired.subscribed ? "subscribed" : "unsubscribed";
  const last = tools.lastPushOn(canonical, kind);
  const same = rows.filter(
    (row) => row.subscribed === desired.subscribed && canonicalEmail(row.email) === canonical,
  );
  const known = same.map((row) => timeOf(asSaid(row, tools)) ?? 0);
  if (Math.max(last?.saidAt ?? 0, ...known) >= saidAt) return undefined;
  const isLastOfRow = last !== undefined && same.some((row) => isMadeBy(last, row));
  return { kind, saidAt, at: isLastOfRow ? last.at : saidAt };
}

/**
 * What a run of ours has made of the message's address already, if that is what the message asks for: a sync may be faster.
 * It then counts as of when the reader said so, too.
 */
function alreadyDone(
  { canonical, desired, saidAt }: PushedChange,
  rows: readonly CurrentSubscriber[],
  { remembered, lastPushOn }: PlanTools,
): Push | undefined {
  const act = remembered.lastActOn(canonical);
  if (act === undefined || (lastPushOn(canonical, act.kind)?.saidAt ?? 0) >= saidAt) return undefined;
  const isDone = (row: CurrentSubscriber) => row.subscribed === desired.subscribed && isMadeBy(act, row);
  const isOwn = ({ email }: CurrentSubscriber) => canonicalEmail(email) === canonical;
  return rows.some((row) => isOwn(row) && isDone(row)) ? { ...act, saidAt } : undefined;
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
