import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { metricNamespace, subjectDimension } from "../../functions/platform/metric-names.ts";

export interface JobMetricProps {
  /** The name under which the function emits it. */
  readonly service: string;
  /** What the run worked on: the name of a list. */
  readonly subject: string;
  /** The metric's name, as the function has it. */
  readonly metric: string;
  /** Its name in a graph. @default the metric's name */
  readonly label?: string;
  /** "Maximum" for what every run counts anew. @default "Sum" */
  readonly statistic?: "Sum" | "Maximum";
}

/** A metric of one of our functions, with a period of one hour. */
export function jobMetric({ service, subject, metric, label, statistic = "Sum" }: JobMetricProps): Metric {
  return new Metric({
    namespace: metricNamespace,
    metricName: metric,
    dimensionsMap: { service, [subjectDimension]: subject },
    period: Duration.hours(1),
    statistic,
    ...(label !== undefined && { label }),
  });
}
