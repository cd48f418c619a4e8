import type { Limits } from "../../functions/domain/limits.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { AppliedWrite } from "./applied-write.ts";
import { allowed, passedLimits } from "./day-limits.ts";
import type { Breach } from "./judge-write.ts";
import { budgetKey } from "./simulated-bucket.ts";
import { isUsable, type Snapshot } from "./simulated-database.ts";
import type { Watched } from "./watched.ts";

interface Bounds {
  readonly watched: Watched;
  /** The invocation that made the plan that is applied. */
  readonly plan: Watched;
  /** The other invocations. */
  readonly others: readonly Watched[];
  /** The source as that plan saw it. */
  readonly source: Snapshot;
  readonly limits: Limits;
  readonly objects: InMemoryStore;
}

/** What an invocation has sent beyond what it may send unseen, or beyond what was approved. */
export function* findExcess({ rows }: AppliedWrite, bounds: Bounds): Generator<Breach> {
  const { watched, plan, others, source, limits, objects } = bounds;
  const { done } = watched;
  if (watched.allowedGroups.size === 0) yield ["plan", "it did"];
  const planned = watched.planned(objects);
  if (rows.some(({ email }) => !planned.has(email))) yield ["approval", "more was sent"];
  const unusable = source.rows.filter((row) => !isUsable(row) && row.subscribed).length;
  const mayBeUnusable = allowed(limits.reject, source.rows.length);
  if (done.count("missing") > 0 && unusable > mayBeUnusable && !watched.approves("reject"))
    yield ["limit", `${unusable} rows of the source cannot be used`];
  if (done.isApproved) return;
  const subscribed = Math.max(watched.mostSubscribed, plan.mostSubscribed);
  for (const group of passedLimits(watched, { others, subscribed, limits, objects }))
    yield ["limit", `${done.count(group)} of ${group}`];
  if (!watched.isDayUnknown && !watched.unread.has(budgetKey)) return;
  for (const group of ["missing", "subscribe", "resubscribe", "update"] as const) {
    const mayFill = group === "subscribe" && done.isFilling;
    if (done.count(group) > 0 && !mayFill) yield ["memory", `what was done today of ${group} was unknown`];
  }
}
