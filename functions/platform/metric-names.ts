/** The names of what the functions measure: shared with the alarms and the dashboard that read it. */
export const metricNamespace = "NewsletterSync";

/** The dimension beside the function's name (`service`): a list's name, or what else the function works on. */
export const subjectDimension = "list";

/** Emitted by every function. */
export const runMetrics = {
  succeeded: "RunSucceeded",
  failed: "RunFailed",
  duration: "RunDuration",
} as const;
