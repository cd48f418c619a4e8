import type { Kept } from "../domain/plan.ts";
import { alarmedCounts } from "../platform/metric-names.ts";
import type { DiscrepancySum, SyncReport } from "./report.ts";

/** A sync in figures, by their names in the log and, if an alarm watches them, in CloudWatch. */
export const syncMetrics = {
  currentSubscribed: "CurrentSubscribed",
  currentUnsubscribed: "CurrentUnsubscribed",
  desiredSubscribed: "DesiredSubscribed",
  desiredUnsubscribed: "DesiredUnsubscribed",
  plannedSubscribe: "PlannedSubscribe",
  plannedResubscribe: "PlannedResubscribe",
  plannedUpdate: "PlannedUpdate",
  plannedUnsubscribe: "PlannedUnsubscribe",
  /** Who left at the provider although the database wants them. */
  keptUnsubscribed: "KeptUnsubscribed",
  /** Who stays subscribed at the provider although the database does not have them, or says no. */
  keptSubscribed: "KeptSubscribed",
  /** Changes that are not sent again for a week. */
  keptRefused: "KeptRefused",
  returnsUnsubscribed: "ReturnsUnsubscribed",
  returnsBounced: "ReturnsBounced",
  returnsSubscribed: "ReturnsSubscribed",
  returnsUpdated: "ReturnsUpdated",
  /** What the database has committed. */
  returnsTaken: "ReturnsTaken",
  returnsNotTaken: alarmedCounts.returnsNotTaken,
  firstPlanWaits: alarmedCounts.firstPlanWaits,
  planRefused: "PlanRefused",
  changesApplied: "ChangesApplied",
  changesWaiting: "ChangesWaiting",
  changesLeft: "ChangesLeft",
  /** New ones alone, once a plan of the list is approved: only then are they remembered. */
  rowsSetAside: alarmedCounts.rowsSetAside,
  rowsQuarantined: "RowsQuarantined",
  rowsRefused: "RowsRefused",
  discrepancies: alarmedCounts.discrepancies,
  sourceAgeHours: "SourceAgeHours",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

const hourMs = 60 * 60 * 1000;

/** Why readers whom the database wants stay unsubscribed. */
const leftReasons = [
  "optedOut",
  "bounced",
  "publisher",
  "mayHaveLeft",
  "tempHold",
  "pending",
  "notSet",
  "deleted",
] as const satisfies readonly Kept[];

/** What is known of a run at its end, as metrics. A run that failed early has few of them. */
export function metricsOf(report: Partial<SyncReport>, now: Date): Record<string, number> {
  const {
    sourceReadAt,
    firstPlan,
    current,
    desired,
    newlyRejected,
    planned,
    kept,
    check,
    applied,
    returned,
    discrepancies,
    requests,
  } = report;
  return {
    ...((check ?? firstPlan) && { [syncMetrics.firstPlanWaits]: firstPlan === undefined ? 0 : 1 }),
    ...(sourceReadAt !== undefined && {
      [syncMetrics.sourceAgeHours]: (now.getTime() - Date.parse(sourceReadAt)) / hourMs,
    }),
    ...(current && {
      [syncMetrics.currentSubscribed]: current.subscribed,
      [syncMetrics.currentUnsubscribed]: current.unsubscribed,
    }),
    ...(desired && {
      [syncMetrics.desiredSubscribed]: desired.subscribed,
      [syncMetrics.desiredUnsubscribed]: desired.unsubscribed,
    }),
    ...(newlyRejected !== undefined &&
      firstPlan === undefined && {
        [syncMetrics.rowsQuarantined]: newlyRejected,
        [syncMetrics.rowsSetAside]: newlyRejected + (applied?.quarantined ?? 0),
      }),
    ...(planned && {
      [syncMetrics.plannedSubscribe]: planned.subscribe,
      [syncMetrics.plannedResubscribe]: planned.resubscribe,
      [syncMetrics.plannedUpdate]: planned.update,
      [syncMetrics.plannedUnsubscribe]: planned.unsubscribe,
      [syncMetrics.returnsUnsubscribed]: planned.returns.unsubscribed,
      [syncMetrics.returnsBounced]: planned.returns.bounced,
      [syncMetrics.returnsSubscribed]: planned.returns.subscribed,
      [syncMetrics.returnsUpdated]: planned.returns.updated,
    }),
    ...(returned && {
      [syncMetrics.returnsTaken]: returned.taken,
      [syncMetrics.returnsNotTaken]: returned.notTaken,
    }),
    ...(kept && {
      [syncMetrics.keptUnsubscribed]: sumOf(kept, leftReasons),
      [syncMetrics.keptSubscribed]: kept.recent + kept.grace + kept.shielded + kept.onlyAtProvider,
      [syncMetrics.keptRefused]: kept.refused,
    }),
    ...(check && { [syncMetrics.planRefused]: check.refused ? 1 : 0 }),
    ...(applied && {
      [syncMetrics.changesApplied]: applied.accepted,
      [syncMetrics.changesWaiting]: applied.waiting,
      [syncMetrics.changesLeft]: applied.left,
      [syncMetrics.rowsRefused]: applied.quarantined,
    }),
    ...(discrepancies && { [syncMetrics.discrepancies]: discrepancies.filter(isUnexplained).length }),
    ...(requests && {
      [syncMetrics.requestsSent]: requests.sent,
      [syncMetrics.requestsRetried]: requests.retried,
    }),
  };
}

function sumOf(kept: Readonly<Record<Kept, number>>, reasons: readonly Kept[]): number {
  return reasons.reduce((sum, reason) => sum + kept[reason], 0);
}

/** Not every batch in which the counter differed was sent more than once. */
function isUnexplained({ batches, afterRetry }: DiscrepancySum): boolean {
  return afterRetry < batches;
}
