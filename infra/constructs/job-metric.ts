import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { metricNamespace, subjectDimension } from "../../functions/platform/metric-names.ts";
import type { FunctionName } from "../config.ts";

export interface JobMetricProps {
  /** The function that emits it. */
  readonly name: FunctionName;
  /** A list's name, or what else the run worked on. */
  readonly subject: string;
  /** From the functions' own names. */
  readonly metric: string;
  /** What a graph calls it. @default the metric's name */
  readonly label?: string;
  /** "Maximum" for what is counted anew by every run. @default "Sum" */
  readonly statistic?: "Sum" | "Maximum";
}

/** What one of our functions measures, by the hour. */
export function jobMetric({ name, subject, metric, label, statistic = "Sum" }: JobMetricProps): Metric {
  return new Metric({
    namespace: metricNamespace,
    metricName: metric,
    dimensionsMap: { service: name, [subjectDimension]: subject },
    period: Duration.hours(1),
    statistic,
    ...(label !== undefined && { label }),
  });
}
