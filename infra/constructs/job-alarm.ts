import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { linkTo, type RunbookHeading } from "./runbook.ts";

export interface JobAlarmProps {
  /** By the hour. */
  readonly metric: IMetric;
  /** In a few words, after the function's name and the list's: the subject of the mail. */
  readonly title: string;
  /** What it means for readers: one sentence. */
  readonly meaning: string;
  readonly heading: RunbookHeading;
  readonly topic: ITopic;
  /** Where the runbook is, as a path or a URL. @default docs/runbook.md */
  readonly runbook?: string | undefined;
}

/** What both kinds of alarm say and to whom. */
function described({ metric, title, meaning, heading, runbook }: JobAlarmProps) {
  return { metric, alarmName: title, alarmDescription: `${meaning} ${linkTo(heading, runbook)}` };
}

/**
 * Tells that something was counted in the last hour that should not be there. One hour is enough, and as short
 * as it may be: Lambda dates a failure at the invocation's start, a quarter of an hour before it is known.
 */
export class CountAlarm extends Alarm {
  /** @param props.tellsWhenOver whether the count falling to nothing says that the cause is gone, too */
  constructor(scope: Construct, id: string, props: JobAlarmProps & { readonly tellsWhenOver?: boolean }) {
    super(scope, id, {
      ...described(props),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(props.topic);
    this.addAlarmAction(action);
    if (props.tellsWhenOver) this.addOkAction(action);
  }
}

/** CloudWatch looks back a week, and no further. */
const longestWatchHours = 7 * 24;

/** How late a run may succeed that nobody has to worry about: an hour of retries, its own time, a clock set back. */
const slackHours = 3;

/** How long a job may be silent before it is missed; undefined when CloudWatch can not look back so far. */
export function watchedHours(greatestGapHours: number): number | undefined {
  const hours = Math.ceil(greatestGapHours + slackHours);
  return hours <= longestWatchHours ? hours : undefined;
}

/** Tells that nothing was counted for so many hours: the failure that nobody sees. */
export class SilenceAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: JobAlarmProps & { readonly hours: number }) {
    super(scope, id, {
      ...described(props),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // As many as the hours: one single period can not be longer than a day.
      evaluationPeriods: props.hours,
      treatMissingData: TreatMissingData.BREACHING,
    });
    const action = new SnsAction(props.topic);
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}
