/** Shared by the functions, which emit the metrics, and by the alarms and the dashboard, which read them. */
export const metricNamespace = "NewsletterSync";

/** The dimension beside the function's name (`service`): the name of a list, or of whatever else the function works on. */
export const subjectDimension = "list";

/** The dimension of what is measured of an account at a provider, whatever the list: the name of its secret. */
export const accountDimension = "account";

/** Requests to an account whose provider answers only so many a day: several lists and functions share its quota. */
export const accountRequests = "AccountRequests";

/** Emitted by every function. */
export const runMetrics = {
  succeeded: "RunSucceeded",
  failed: "RunFailed",
  duration: "RunDuration",
} as const;
