import type { SyncReport } from "./report.ts";

/** How far a run came that its time ran out for. */
export function describeProgress({ applied, returned, planned }: Partial<SyncReport>): string {
  if (planned === undefined || applied === undefined)
    return "both sides were still being read, and nothing was changed";
  const { subscribe, resubscribe, update, unsubscribe } = planned;
  const total = subscribe + resubscribe + update + unsubscribe;
  const returns = returned?.left ? `, and so are ${returned.left} returns` : "";
  return `${total - applied.left - applied.waiting} of ${total} changes are done, ${applied.left} are left${returns}`;
}

/** How much of the plan is left to send, if any of it is done. */
export function leftOf({ applied, returned }: Partial<SyncReport>): number | undefined {
  if (applied === undefined) return undefined;
  const { accepted, quarantined, refusedAgain, stale } = applied;
  const done = accepted + quarantined + refusedAgain + stale + (returned?.taken ?? 0);
  return done === 0 ? undefined : applied.left + (returned?.left ?? 0);
}
