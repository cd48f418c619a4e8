import { groupOf, groups } from "../domain/plan.ts";
import { UnsafePushError } from "../domain/plan-errors.ts";
import { findRefusals, type Refusal, waits } from "../domain/safety.ts";
import { placeForName } from "../planning/who-approves.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { Push } from "../platform/storage/memory/push-memory.ts";
import { countsOf, deliver, type PlannedMessage, type ReadMessage } from "./deliver-changes.ts";
import { type PushLimit, pushLimits } from "./event.ts";
import type { Job } from "./job.ts";
import { type LookedUp, readAll, search } from "./look-up.ts";
import { planMessage } from "./plan-message.ts";
import type { PushedChange } from "./push-message.ts";
import { countKept } from "./tally.ts";

/** What exceeds a limit is looked at again after this time, at first: a person may have approved it, or the day be over. */
const heldSeconds = 15 * 60;
/** An opt-out under another address with the same guid can be newer than a consent that is older than this. */
const oldConsentMs = 15 * 60_000;
/** A list of so many addresses takes a few seconds to read. */
const mostRead = 200_000;

/**
 * Does what messages of different readers ask for, and finishes those that are done. The others are looked at anew when the
 * queue gives them out again. To be called while holding the list's lock.
 *
 * @throws UnsafePushError for what exceeds a limit, after the rest was sent; and why a batch could not be sent
 */
export async function doRound(
  round: readonly ReadMessage<PushedChange>[],
  job: Job,
  memory: ListMemory,
): Promise<void> {
  const { lookedUp, planned } = await planRound(round, job, memory);
  await finishDone(planned, job, memory);
  const asking = planned.filter(({ changes }) => changes.length > 0);
  if (asking.length === 0) return;
  const budget = await memory.budget();
  const judged = judgedPlan(asking, lookedUp);
  const refusals = findRefusals(judged, budget, job.list.configuration.limits);
  const { yes: held = [], no: going = [] } = Object.groupBy(asking, ({ changes }) =>
    changes.some((change) => waits(groupOf(change), refusals)) ? "yes" : "no",
  );
  const failure = await deliver(going, { job, memory, lookedUp });
  if (held.length > 0) hold(held, refusals, job);
  if (failure !== undefined) throw failure;
  if (held.length > 0)
    throw new UnsafePushError(refusals, { messages: held.length, event: approvalOf(refusals, job) });
}

async function planRound(
  round: readonly ReadMessage<PushedChange>[],
  { provider, list, run }: Job,
  memory: ListMemory,
): Promise<{ lookedUp: LookedUp; planned: readonly PlannedMessage[] }> {
  const asked = round.map(({ asked }) => asked);
  const [remembered, pushes] = await Promise.all([memory.remembered(), memory.pushes()]);
  const { resubscribeBounced, resubscribePublisher, providerFields } = list.configuration;
  const policy = {
    resubscribeBounced,
    resubscribePublisher,
    providerFields,
    clearsFields: provider.clearsFields,
  };
  const planWith = (lookedUp: LookedUp) =>
    round.map((message) => {
      const lastPushOn = (canonical: string, kind: Push["kind"]) => pushes.lastPushOn(canonical, kind);
      return { ...message, ...planMessage(message.asked, { lookedUp, policy, remembered, lastPushOn }) };
    });
  const found = await search(provider, asked, run);
  const planned = found && planWith(found);
  const now = run.now().getTime();
  const isOurs = ({ canonical }: PushedChange) =>
    pushes.lastPushOn(canonical, "subscribed") !== undefined ||
    remembered.lastActOn(canonical)?.kind === "subscribed";
  const isDoubtful = (message: PlannedMessage) =>
    needsGuids(message, now) || isMissed(message.asked, found!, isOurs(message.asked));
  if (planned !== undefined && !planned.some(isDoubtful)) return { lookedUp: found!, planned };
  const whole = await readAll(provider, asked, run);
  return { lookedUp: whole, planned: planWith(whole) };
}

/**
 * Whether a search that finds nobody is not to be believed: an opt-out may not get lost because an index lags. A list of few
 * pages is read then, and a larger one if a run subscribed the reader.
 */
function isMissed(change: PushedChange, { counts, rowsOf }: LookedUp, isOurs: boolean): boolean {
  if (change.desired.subscribed || rowsOf(change).length > 0) return false;
  return isOurs || counts.subscribed + counts.unsubscribed <= mostRead;
}

/** A search finds an address, and not whoever has the same guid. */
function needsGuids({ asked, changes }: PlannedMessage, now: number): boolean {
  const { consentedAt = Number.NEGATIVE_INFINITY, fields } = asked.desired;
  const joins = changes.some(({ kind }) => kind === "subscribe" || kind === "resubscribe");
  return joins && Boolean(fields["guid"]) && consentedAt < now - oldConsentMs;
}

/** Finishes the messages that ask for nothing, and remembers what they say. */
async function finishDone(
  planned: readonly PlannedMessage[],
  { run }: Job,
  memory: ListMemory,
): Promise<void> {
  const pushes = await memory.pushes();
  const idle = planned.filter(({ changes }) => changes.length === 0);
  for (const { asked, kept, word } of idle) {
    countKept(run.report as Required<typeof run.report>, kept);
    if (word !== undefined) pushes.record(asked.canonical, word);
  }
  if (idle.some(({ word }) => word !== undefined)) await memory.save();
  for (const { queued } of idle) queued.finish();
}

/** The messages' changes as the limits judge a plan. */
function judgedPlan(planned: readonly PlannedMessage[], { counts }: LookedUp) {
  const ofGroup = countsOf(planned.flatMap(({ changes }) => changes));
  return {
    current: counts,
    desired: {
      ...{ subscribed: 0, unsubscribed: 0, undecided: 0, rejected: 0 },
      ...{ duplicates: 0, sharedGuids: 0, unreadableConsents: 0 },
    },
    refusedBefore: { optOut: 0, unsubscribe: 0 },
    chunks: groups.map((group) => ({ group, changes: ofGroup[group] })),
  };
}

function hold(held: readonly PlannedMessage[], refusals: readonly Refusal[], job: Job): void {
  const { report } = job.run;
  for (const { queued } of held) queued.waitFor(heldSeconds, { growing: true });
  report.held = (report.held ?? 0) + held.length;
  report.check = { refusals, event: approvalOf(refusals, job) };
}

function approvalOf(refusals: readonly Refusal[], { list }: Job) {
  const approve = pushLimits.filter((name): name is PushLimit =>
    refusals.some(({ limit }) => limit === name),
  );
  return { list: list.name, approve, ...placeForName(list) };
}
