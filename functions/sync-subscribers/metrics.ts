import type { SyncReport } from "./report.ts";

/** What the sync measures beside the metrics of every function. Each has the list as its dimension. */
export const syncMetrics = {
  currentSubscribed: "CurrentSubscribed",
  currentUnsubscribed: "CurrentUnsubscribed",
  desiredSubscribed: "DesiredSubscribed",
  desiredUnsubscribed: "DesiredUnsubscribed",
  plannedSubscribe: "PlannedSubscribe",
  plannedResubscribe: "PlannedResubscribe",
  plannedUpdate: "PlannedUpdate",
  plannedUnsubscribe: "PlannedUnsubscribe",
  planRefused: "PlanRefused",
  changesApplied: "ChangesApplied",
  changesLeft: "ChangesLeft",
  rowsQuarantined: "RowsQuarantined",
  discrepancies: "Discrepancies",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** What is known of a run, as metrics. A run that failed early has few of them. */
export function metricsOf(report: Partial<SyncReport>): Record<string, number> {
  const { current, desired, planned, check, applied, discrepancies, requests } = report;
  return {
    ...(current && {
      [syncMetrics.currentSubscribed]: current.subscribed,
      [syncMetrics.currentUnsubscribed]: current.unsubscribed,
    }),
    ...(desired && {
      [syncMetrics.desiredSubscribed]: desired.subscribed,
      [syncMetrics.desiredUnsubscribed]: desired.unsubscribed,
      [syncMetrics.rowsQuarantined]: desired.rejected + (applied?.quarantined ?? 0),
    }),
    ...(planned && {
      [syncMetrics.plannedSubscribe]: planned.subscribe,
      [syncMetrics.plannedResubscribe]: planned.resubscribe,
      [syncMetrics.plannedUpdate]: planned.update,
      [syncMetrics.plannedUnsubscribe]: planned.unsubscribe,
    }),
    ...(check && { [syncMetrics.planRefused]: check.refused ? 1 : 0 }),
    ...(applied && {
      [syncMetrics.changesApplied]: applied.accepted,
      [syncMetrics.changesLeft]: applied.left,
    }),
    ...(discrepancies && { [syncMetrics.discrepancies]: discrepancies.length }),
    ...(requests && {
      [syncMetrics.requestsSent]: requests.sent,
      [syncMetrics.requestsRetried]: requests.retried,
    }),
  };
}
