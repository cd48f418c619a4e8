import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { AppliedWrite } from "./applied-write.ts";

/** Says where a report is not what the provider saw. Where answers were lost, more may have been done. */
export function* checkReport(
  report: Partial<SyncReport>,
  writes: readonly AppliedWrite[],
): Generator<string> {
  const { applied, planned } = report;
  if (applied === undefined || planned === undefined) {
    if (writes.some(({ rows }) => rows.length > 0)) yield "it does not mention what was written";
    return;
  }
  const { subscribe, resubscribe, update, unsubscribe, accepted } = applied;
  const answered = writes.filter(({ isAnswered }) => isAnswered);
  const kinds = [
    ["resubscribed", resubscribe, true],
    ["unsubscribed", unsubscribe, false],
    ["subscribed or updated", subscribe + update, undefined],
  ] as const;
  for (const [kind, reported, status] of kinds) {
    const least = rowsWith(status, answered);
    const most = rowsWith(status, writes);
    if (reported < least || reported > most) yield `${reported} ${kind}, but ${least} to ${most} were`;
  }
  if (accepted !== subscribe + resubscribe + update + unsubscribe) yield "the kinds do not add up";
  const { quarantined, refusedAgain, stale, waiting, left } = applied;
  const total = planned.subscribe + planned.resubscribe + planned.update + planned.unsubscribe;
  if (accepted + quarantined + refusedAgain + stale + waiting + left !== total)
    yield "what became of the planned changes does not add up";
}

/** How many rows say this of their status. */
function rowsWith(subscribed: boolean | undefined, writes: readonly AppliedWrite[]): number {
  return writes.flatMap(({ rows }) => rows).filter((row) => row.subscribed === subscribed).length;
}
