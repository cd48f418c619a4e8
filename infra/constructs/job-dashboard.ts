import { Duration } from "aws-cdk-lib";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { runMetrics } from "../../functions/platform/metric-names.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

export interface JobDashboardProps {
  readonly job: ScheduledJob;
  /** What the job's metrics distinguish: the names of its lists. */
  readonly subjects: readonly string[];
  /** The names of the job's metrics for requests. */
  readonly requests: { readonly requestsSent: string; readonly requestsRetried: string };
  /** The job's own graphs, between its alarms and its durations and requests. */
  readonly rows: readonly (readonly IWidget[])[];
}

/** The last week of a job: whether anything is wrong, what it does, and how much it has to do. */
export class JobDashboard extends Construct {
  constructor(scope: Construct, id: string, { job, subjects, requests, rows }: JobDashboardProps) {
    super(scope, id);
    const { requestsSent, requestsRetried } = requests;
    const durations = subjects.map((subject) =>
      job.metric(subject, runMetrics.duration, { label: subject, statistic: "Maximum" }),
    );
    const sent = subjects.map((subject) => job.metric(subject, requestsSent, { label: `${subject}: sent` }));
    const retried = subjects.map((subject) =>
      job.metric(subject, requestsRetried, { label: `${subject}: retried` }),
    );
    new Dashboard(this, "Dashboard", {
      defaultInterval: Duration.days(7),
      widgets: [
        [new AlarmStatusWidget({ title: `${job.name}: alarms`, alarms: job.alarms, width: 24, height: 3 })],
        ...rows.map((row) => [...row]),
        [
          graph("Longest run (ms)", durations),
          graph("Requests to the provider", sent, retried),
          graph("Runs that failed", [
            job.function.metricErrors({ period: Duration.hours(1), label: "failed" }),
          ]),
        ],
      ],
    });
  }
}

/** A third of a row. The metrics on the right have an axis of their own. */
export function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  return new GraphWidget({
    title,
    left,
    right,
    width: 8,
    height: 6,
    leftYAxis: { min: 0 },
    rightYAxis: { min: 0 },
  });
}
