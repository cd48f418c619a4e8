import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { CountAlarm } from "./job-alarm.ts";
import type { PushQueue } from "./push-queue.ts";
import { linkTo, runbookHeadings } from "./runbook.ts";

export interface PushAlarmsProps {
  /** The function's name in the account. */
  readonly name: string;
  readonly queue: PushQueue;
  readonly topic: ITopic;
  readonly runbook?: string | undefined;
}

const oldHours = 1;

/** The two alarms of pushes: whatever is wrong, messages wait, and in the end stand in the dead letters. */
export class PushAlarms extends Construct {
  /** Their names. */
  readonly names: readonly string[];

  constructor(scope: Construct, id: string, { name, queue, topic, runbook }: PushAlarmsProps) {
    super(scope, id);
    const period = Duration.hours(1);
    const names = { waiting: `${name}: messages wait`, dead: `${name}: dead letters` };
    const oldest = new Alarm(this, "Waiting", {
      metric: queue.messages.metricApproximateAgeOfOldestMessage({ period, statistic: "Maximum" }),
      alarmName: names.waiting,
      alarmDescription:
        `What a reader said on the website has waited for more than an hour. It is tried again for days, and nothing is lost, ` +
        `but who opted out may still get the newsletter. ${linkTo(runbookHeadings.pushesWait, runbook)}`,
      threshold: Duration.hours(oldHours).toSeconds(),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    oldest.addAlarmAction(new SnsAction(topic));
    new CountAlarm(this, "DeadLettersLeft", {
      metric: queue.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
      title: names.dead,
      meaning:
        "Messages of the website could not be done for days, and nobody tries any more: these readers' changes reach the " +
        "provider by the next sync, if the database has them.",
      heading: runbookHeadings.deadPushes,
      notifiesWhenOver: true,
      topic,
      runbook,
    });
    this.names = Object.values(names);
  }
}
