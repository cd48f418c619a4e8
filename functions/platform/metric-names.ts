/**
 * Shared by the functions, which emit the metrics, and by the alarms, which read them. Each environment has a namespace of
 * its own, so that an alarm over all functions of one sees nothing of another.
 */
export const metricNamespace = "NewsletterSync";

/** The dimension beside the function's name (`service`): the name of a list, or of whatever else the function works on. */
export const subjectDimension = "list";

/** The dimension of a failure: the name of its error, which is a heading of the runbook. */
export const errorDimension = "error";

/** The dimension of what is measured of an account at a provider, whatever the list: the name of its secret. */
export const accountDimension = "account";

/** Requests to an account whose provider answers only so many a day: several lists and functions share its quota. */
export const accountRequests = "AccountRequests";

/** Emitted whatever the function works on. */
export const runMetrics = {
  failed: "RunFailed",
  /** Emitted by watch-runs in the name of the function whose run is missing. */
  missing: "RunMissing",
} as const;

/**
 * What a run counts and an alarm watches. CloudWatch is told of it unless it is zero. Whatever else a run counts is in its
 * log alone: each metric of each list would cost as much as three alarms.
 */
export const alarmedCounts = {
  /** 1 if nobody has approved a plan of the list yet. CloudWatch is told once a day. */
  firstPlanWaits: "FirstPlanWaits",
  /** Rows that no provider would accept, and rows that this one refused for the first time. */
  rowsSetAside: "RowsSetAside",
  discrepancies: "Discrepancies",
  /** What the database was given three times or more, and still does not have. */
  returnsNotTaken: "ReturnsNotTaken",
  /** Files of events that are missing, and of a day that leaves the look-back window. */
  filesLost: "ArchiveFilesLost",
  /** The schedules that watch-runs has looked at. */
  schedulesWatched: "SchedulesWatched",
} as const;
