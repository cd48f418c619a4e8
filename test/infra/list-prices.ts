/**
 * AWS's list prices in dollars, in US East (N. Virginia), as of November 2026. Other regions differ by some percent. What
 * an account has free of charge is left out, except dashboards.
 */
export const listPrices = {
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  cloudWatch: {
    /** For each name with each set of dimensions, a month; only the hours count in which it is emitted. */
    customMetric: 0.3,
    /** For each metric that an alarm names, a month. */
    alarmMetric: 0.1,
    /** For each metric that the query of an alarm finds, a month; only the hours count in which it finds it. */
    queriedAlarmMetric: 0.1,
    /** A month, beyond the free ones, which have up to 50 metrics. */
    dashboard: 3,
    freeDashboards: 3,
    logsIngestedGb: 0.5,
  },
  /** https://aws.amazon.com/lambda/pricing/ */
  lambda: { arm64GbSecond: 0.0000133334, request: 0.2 / 1e6 },
  /** https://aws.amazon.com/s3/pricing/ */
  s3: { write: 0.005 / 1000, read: 0.0004 / 1000 },
  /** https://aws.amazon.com/secrets-manager/pricing/, a month */
  secret: 0.4,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
} as const;
