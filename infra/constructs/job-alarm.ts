import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { linkTo, type RunbookHeading } from "./runbook.ts";

export interface JobAlarmProps {
  /** With a period of one hour. */
  readonly metric: IMetric;
  /** The subject of the mail, in a few words. */
  readonly title: string;
  /** What it means for readers: one sentence. */
  readonly meaning: string;
  readonly heading: RunbookHeading;
  readonly topic: ITopic;
  /** The path or URL of the runbook. @default docs/runbook.md */
  readonly runbook?: string | undefined;
}

/** What all kinds of alarm have in common. */
function describedMetric({ metric, title, meaning, heading, runbook }: JobAlarmProps) {
  return { metric, alarmName: title, alarmDescription: `${meaning} ${linkTo(heading, runbook)}` };
}

export interface CountAlarmProps extends JobAlarmProps {
  /** Whether a count of zero means that the cause is gone, and is worth a mail. @default false */
  readonly notifiesWhenOver?: boolean;
}

/**
 * Fires if anything was counted in the last hour. If the metric is a query that tells lists apart, each of them fires by
 * itself, and the mail names it.
 */
export class CountAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: CountAlarmProps) {
    super(scope, id, {
      ...describedMetric(props),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(props.topic);
    this.addAlarmAction(action);
    if (props.notifiesWhenOver) this.addOkAction(action);
  }
}

/**
 * Notifies if nothing was counted for a number of hours. Its state is then "insufficient data", in which it also begins:
 * so a new deployment is silent, and is watched from the first count on.
 */
export class SilenceAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: JobAlarmProps & { readonly hours: number }) {
    super(scope, id, {
      ...describedMetric(props),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: props.hours,
      treatMissingData: TreatMissingData.MISSING,
    });
    const action = new SnsAction(props.topic);
    this.addInsufficientDataAction(action);
    this.addOkAction(action);
  }
}

/**
 * A count by each combination of its dimensions, however many there are: a query of Metrics Insights, which costs as much
 * as an alarm for each of the metrics that it finds in an hour.
 */
export function countBy(
  dimensions: readonly string[],
  { namespace, name }: { readonly namespace: string; readonly name: string },
): MathExpression {
  // In quotes, as some names are words of the language.
  const columns = dimensions.map((dimension) => `"${dimension}"`).join(", ");
  return new MathExpression({
    expression: `SELECT SUM("${name}") FROM SCHEMA("${namespace}", ${columns}) GROUP BY ${columns} ORDER BY SUM() DESC`,
    period: Duration.hours(1),
  });
}
