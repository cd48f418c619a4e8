import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { linkTo, type RunbookHeading } from "./runbook.ts";

export interface JobAlarmProps {
  /** With a period of one hour. */
  readonly metric: IMetric;
  /** The subject of the mail: the function, the list, and a few words. */
  readonly title: string;
  /** What it means for readers: one sentence. */
  readonly meaning: string;
  readonly heading: RunbookHeading;
  readonly topic: ITopic;
  /** The path or URL of the runbook. @default docs/runbook.md */
  readonly runbook?: string | undefined;
}

/** What both kinds of alarm have in common. */
function describedMetric({ metric, title, meaning, heading, runbook }: JobAlarmProps) {
  return { metric, alarmName: title, alarmDescription: `${meaning} ${linkTo(heading, runbook)}` };
}

export interface CountAlarmProps extends JobAlarmProps {
  /** Whether a count of zero means that the cause is gone, and is worth a mail. @default false */
  readonly notifiesWhenOver?: boolean;
  /** How many hours have to pass without a count before the next one is worth another mail. @default 1 */
  readonly quietHours?: number;
}

/**
 * Fires if anything was counted in the last hour. The period cannot be shorter: Lambda dates a failure at the start of
 * the invocation, up to a quarter of an hour before it happens.
 */
export class CountAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: CountAlarmProps) {
    super(scope, id, {
      ...describedMetric(props),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: props.quietHours ?? 1,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(props.topic);
    this.addAlarmAction(action);
    if (props.notifiesWhenOver) this.addOkAction(action);
  }
}

/** CloudWatch looks back no further than a week. */
const maxWatchHours = 7 * 24;

/** How late a run may succeed without an alarm: an hour of retries, its own duration, the end of summer time. */
const slackHours = 3;

/** How long a job may be silent before the alarm fires; undefined if CloudWatch cannot look back so far. */
export function watchedHours(greatestGapHours: number): number | undefined {
  const hours = Math.ceil(greatestGapHours + slackHours);
  return hours <= maxWatchHours ? hours : undefined;
}

/**
 * Notifies if nothing was counted for a number of hours: that is how a run that never started is noticed. Its state is then
 * "insufficient data", in which it also begins: so a new deployment is silent, and is watched from its first run on.
 */
export class SilenceAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: JobAlarmProps & { readonly hours: number }) {
    super(scope, id, {
      ...describedMetric(props),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // One per hour, as a single period cannot be longer than a day.
      evaluationPeriods: props.hours,
      treatMissingData: TreatMissingData.MISSING,
    });
    const action = new SnsAction(props.topic);
    this.addInsufficientDataAction(action);
    this.addOkAction(action);
  }
}
