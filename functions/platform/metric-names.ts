/** Shared by the functions, which emit the metrics, and by the alarms and the dashboard, which read them. */
export const metricNamespace = "NewsletterSync";

/** The dimension beside the function's name (`service`): the name of a list, or of whatever else the function works on. */
export const subjectDimension = "list";

/** Emitted by every function. */
export const runMetrics = {
  succeeded: "RunSucceeded",
  failed: "RunFailed",
  duration: "RunDuration",
} as const;
