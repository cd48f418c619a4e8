import type { Limits } from "../../functions/domain/limits.ts";
import { allowed } from "./day-limits.ts";
import type { Breach } from "./judge-write.ts";
import { desiredOf } from "./reference-model.ts";
import { budgetKey } from "./simulated-bucket.ts";
import type { Snapshot } from "./simulated-database.ts";
import type { Taking } from "./simulated-sink.ts";
import type { Watched } from "./watched.ts";

interface Bounds {
  readonly watchedBy: ReadonlyMap<string, Watched>;
  /** All so far. */
  readonly takings: readonly Taking[];
  /** The source as the plan saw it. */
  readonly snapshot: Snapshot;
  readonly limit: Limits["return"];
}

const dayMs = 24 * 3_600_000;
/** A run takes up to a quarter of an hour, and counts from when it begins to deliver. */
const slackMs = 16 * 60_000;

/** What an invocation tells the database beyond what it may tell unseen within a day. */
export function* excessOf(
  taking: Taking,
  { watchedBy, takings, snapshot, limit }: Bounds,
): Generator<Breach> {
  const { done, unread, isDayUnknown, event } = watchedBy.get(taking.invocation)!;
  const count = taking.returns.length;
  if (count === 0 || ("approve" in event && event.approve !== undefined)) return;
  if (isDayUnknown || unread.has(budgetKey)) yield ["memory", "what was returned today was unknown"];
  const since = done.startedAt - dayMs + slackMs;
  const counted = takings.filter(({ invocation, isCommitted, isAnswered }) => {
    const other = watchedBy.get(invocation)!;
    const isOfTheDay = other.done.startedAt > since && other.done.startedAt < done.startedAt;
    return isOfTheDay && isCommitted && isAnswered && !other.isMemoryLost && !other.done.isApproved;
  });
  const earlier = counted.reduce((total, { returns }) => total + returns.length, 0);
  const addresses = new Set(snapshot.rows.map(({ email }) => email.toLowerCase()));
  const wanted = [...addresses].filter((email) => desiredOf(snapshot, email)?.subscribed).length;
  if (count + earlier > allowed(limit, wanted)) yield ["limit", `${count} returns beside ${earlier}`];
}
