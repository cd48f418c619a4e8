import type { Clock } from "../../platform/clock.ts";
import { type Activity, isOver } from "./answers.ts";
import type { ConstantContactClient } from "./client.ts";
import { tookAll } from "./import-counters.ts";
import type { Mirror } from "./mirror/mirror.ts";
import type { PendingActivity } from "./mirror/mirror-state.ts";
import type { PendingActivities } from "./pending-activities.ts";
import { untilOver } from "./until-over.ts";

/** The most activities that the provider lists. */
export const mostListed = 500;
/** An activity that has not ended by then is given up: nothing says that any of them ends. */
const mostHours = 3;
const hourMs = 3_600_000;
/** How far the provider's clock may be from ours. */
const skewMs = 5 * 60_000;
/** How long after its start the run that asked for an activity can still have done so. */
const runMs = 15 * 60_000;

export interface ActivityTools {
  readonly client: Pick<ConstantContactClient, "activity" | "activities">;
  readonly mirror: Pick<Mirror, "recordAddition">;
  readonly pending: PendingActivities;
  readonly clock: Clock;
  note(text: string): void;
}

export interface SettleOptions {
  /** Whether to wait for those that are not over. */
  readonly isPatient: boolean;
  readonly signal: AbortSignal;
}

/**
 * Looks at the activities that earlier runs began, and forgets those that are over.
 *
 * @returns how many are not over
 */
export async function settleActivities(tools: ActivityTools, options: SettleOptions): Promise<number> {
  let left = 0;
  for (const pending of await tools.pending.all()) {
    const ended = await endedOf(pending, tools, options);
    if (ended === undefined) {
      left++;
      continue;
    }
    const isDone = ended.some(
      (activity) =>
        activity.state === "completed" && tookAll(activity, pending.rows) && canBe(pending, activity),
    );
    await recordJoined(tools, pending, isDone);
    await tools.pending.remove(pending);
  }
  return left;
}

/**
 * Has the mirror remember who joined. Of an import that did not take every row, nobody knows which it took: none of them can be
 * said to have left, and only whose contacts may have come by it is remembered.
 */
export async function recordJoined(
  { mirror, clock }: Pick<ActivityTools, "mirror" | "clock">,
  { list, startedAt, joining }: PendingActivity,
  isDone: boolean,
): Promise<void> {
  if (joining === undefined) return;
  const joined = isDone ? joining : { addresses: joining.addresses };
  await mirror.recordAddition({ list, beganAt: startedAt, endedAt: clock.now(), joining: joined });
}

/** Whether an activity that the provider lists can be an import of so many rows. */
export function isImportOf({ counts: { total, completed } }: Activity, rows: number): boolean {
  return completed === undefined && (total === undefined || total === rows + 1);
}

/** What has become of an activity, or may have: all that can be it are over or given up. Undefined if they are not. */
async function endedOf(
  pending: PendingActivity,
  tools: ActivityTools,
  { isPatient, signal }: SettleOptions,
): Promise<readonly Activity[] | undefined> {
  const ended: Activity[] = [];
  for (const activity of await activitiesOf(pending, tools, signal)) {
    const isLeft = isOver(activity) || isGivenUp(pending, tools);
    if (!isLeft && !isPatient) return undefined;
    ended.push(isLeft ? activity : await untilOver(activity, { ...tools, signal }));
  }
  return ended;
}

/** Of one whose answer was lost, all that may be it. */
async function activitiesOf(
  { id, startedAt }: PendingActivity,
  { client }: ActivityTools,
  signal: AbortSignal,
): Promise<readonly Activity[]> {
  if (id === undefined) {
    const activities = await client.activities(mostListed, signal);
    return activities.filter(
      ({ createdAt = startedAt }) =>
        createdAt >= startedAt - skewMs && createdAt <= startedAt + runMs + skewMs,
    );
  }
  const activity = await client.activity(id, signal);
  return activity === undefined ? [] : [activity];
}

function isGivenUp({ startedAt, kind }: PendingActivity, { clock, note }: ActivityTools): boolean {
  if (clock.now() - startedAt < mostHours * hourMs) return false;
  const began = new Date(startedAt).toISOString();
  note(
    `an activity of an earlier run (${kind}, begun at ${began}) has not ended for ${mostHours} hours: it is given up`,
  );
  return true;
}

function canBe({ id, rows = 0 }: PendingActivity, activity: Activity): boolean {
  return id === undefined ? isImportOf(activity, rows) : id === activity.id;
}
