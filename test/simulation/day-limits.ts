import type { Limits } from "../../functions/domain/limits.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { AppliedWrite } from "./applied-write.ts";
import type { Watched } from "./watched.ts";

export type LimitedGroup = "optOut" | "unsubscribe" | "missing" | "subscribe" | "resubscribe" | "update";

/** What one invocation has done, by group. */
export class Done {
  readonly startedAt: number;
  /** All that it wrote. */
  readonly writes: AppliedWrite[] = [];
  readonly #emails = new Map<LimitedGroup, Set<string>>();
  /** Whether a person approved it, so that limits do not count it. */
  isApproved = false;
  /** Whether it fills an empty list, so that limits do not count its new subscribers. */
  isFilling = false;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  add(group: LimitedGroup, email: string): void {
    this.#emails.set(group, (this.#emails.get(group) ?? new Set()).add(email));
  }

  /** A resubscription counts as such, whatever else it changes. */
  addUpdates({ rows, overwritten, before }: AppliedWrite): void {
    for (const { email, subscribed } of rows) {
      const row = before.get(email);
      const wasThere = row?.subscribed && Date.parse(row.subscribed_at) < this.startedAt;
      if (subscribed === undefined && wasThere && overwritten.includes(email)) this.add("update", email);
    }
  }

  count(group: LimitedGroup): number {
    return this.#emails.get(group)?.size ?? 0;
  }

  /** Without that of which all answers were lost, so that the run cannot know. */
  countKnown(group: LimitedGroup): number {
    const rows = this.writes.filter(({ isAnswered }) => isAnswered).flatMap((write) => write.rows);
    const known = new Set(rows.map(({ email }) => email));
    return [...(this.#emails.get(group) ?? [])].filter((email) => known.has(email)).length;
  }
}

const dayMs = 24 * 3_600_000;
/** A run takes up to a quarter of an hour, and counts from when it begins to send. */
const slackMs = 16 * 60_000;

/** Each group with its limit, and the groups that count against that. */
const rules = [
  ["optOut", "unsubscribe", ["optOut"]],
  ["unsubscribe", "unsubscribe", ["optOut", "unsubscribe"]],
  ["missing", "unsubscribe", ["optOut", "unsubscribe", "missing"]],
  ["subscribe", "subscribe", ["subscribe"]],
  ["resubscribe", "resubscribe", ["resubscribe"]],
  ["update", "update", ["update"]],
] as const;

interface DayOptions {
  /** What other invocations did. */
  readonly others: readonly Watched[];
  /** The most subscribers that the list had before the invocation wrote. */
  readonly subscribed: number;
  readonly limits: Limits;
  readonly objects: InMemoryStore;
}

/** The groups of which an invocation has done more than the day's limit. */
export function* passedLimits(
  { done }: Watched,
  { others, subscribed, limits, objects }: DayOptions,
): Generator<LimitedGroup> {
  const dayAgo = done.startedAt - dayMs;
  const earlier = others.filter((run) => run.done.startedAt < done.startedAt && !run.done.isApproved);
  const mayCount = earlier.filter((run) => run.done.startedAt > dayAgo - slackMs);
  const mustCount = earlier.filter((run) => run.done.startedAt > dayAgo + slackMs);
  // A run that was killed counts as if it had done all that it planned.
  const left = mayCount.reduce((total, run) => total + run.mayHaveLeft(objects), 0);
  const known = (counted: readonly LimitedGroup[]) =>
    counted
      .flatMap((group) =>
        mustCount.filter((run) => isCounted(run, group)).map((run) => run.done.countKnown(group)),
      )
      .reduce((a, b) => a + b, 0);
  const aDayAgo = Math.max(0, subscribed + left - known(["subscribe", "resubscribe"]));
  for (const [group, limit, counted] of rules) {
    if (done.count(group) === 0 || (group === "subscribe" && done.isFilling)) continue;
    const own = counted.reduce((total, one) => total + done.count(one), 0);
    if (own + known(counted) > allowed(limits[limit], aDayAgo)) yield group;
  }
}

/** Whether what a run did within a day must be known, and counts. */
function isCounted({ isMemoryLost, isBudgetLost, done }: Watched, group: LimitedGroup): boolean {
  if (isMemoryLost) return false;
  // Of a lost budget only this is forgotten: all else counts as used up for as long as it would have counted.
  if (isBudgetLost && (group === "optOut" || group === "unsubscribe")) return false;
  return group !== "subscribe" || !done.isFilling;
}

/** A floor is half of the list at the most, or ten. */
export function allowed({ ratio, floor }: { ratio: number; floor: number }, base: number): number {
  return Math.max(Math.min(floor, Math.max(10, base / 2)), ratio * base);
}
