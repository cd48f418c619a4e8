import type { PushReport } from "./report.ts";

/** What pushes measure beside the metrics of every function. Each has the list as its dimension. */
export const pushMetrics = {
  messagesDone: "MessagesDone",
  messagesWaiting: "MessagesWaiting",
  messagesHeld: "MessagesHeld",
  rowsQuarantined: "RowsQuarantined",
  changesApplied: "ChangesApplied",
  optInsSent: "OptInsSent",
  requestsSent: "RequestsSent",
  requestsRetried: "RequestsRetried",
} as const;

/** What is known of a run at its end, as metrics. */
export function metricsOf(report: Partial<PushReport>): Record<string, number> {
  const { done, waiting, held, quarantined, applied, optIns, requests } = report;
  return {
    ...(done !== undefined && { [pushMetrics.messagesDone]: done }),
    ...(waiting !== undefined && { [pushMetrics.messagesWaiting]: waiting }),
    ...(held !== undefined && { [pushMetrics.messagesHeld]: held }),
    ...(quarantined !== undefined && { [pushMetrics.rowsQuarantined]: quarantined }),
    ...(applied && {
      [pushMetrics.changesApplied]: Object.values(applied).reduce((sum, count) => sum + count, 0),
    }),
    ...(optIns !== undefined && { [pushMetrics.optInsSent]: optIns }),
    ...(requests && {
      [pushMetrics.requestsSent]: requests.sent,
      [pushMetrics.requestsRetried]: requests.retried,
    }),
  };
}
