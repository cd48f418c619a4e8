import { planOutline } from "../planning/plan-outline.ts";
import type { RunOutline } from "../platform/run-event.ts";
import type { SyncReport } from "./report.ts";

/** What the event of a run tells of it: the documentation explains each count. */
export function outlineOf(report: Partial<SyncReport>): RunOutline {
  const { applied, returned, newlyRejected = 0 } = report;
  return planOutline(report, {
    unsubscribed: applied?.unsubscribe ?? 0,
    subscribed: applied?.subscribe ?? 0,
    resubscribed: applied?.resubscribe ?? 0,
    updated: applied?.update ?? 0,
    returned: returned?.taken ?? 0,
    waiting: (applied?.waiting ?? 0) + (returned?.waiting ?? 0),
    left: (applied?.left ?? 0) + (returned?.left ?? 0),
    newlyRejected,
    refused: applied?.quarantined ?? 0,
  });
}
