import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Configuration } from "../config.ts";
import { CountAlarm } from "../constructs/job-alarm.ts";
import { exampleInput, type LongFunctions, RunToTheEnd } from "../constructs/run-to-the-end.ts";
import { runbookHeadings } from "../constructs/runbook.ts";
import { nameIn } from "../environment.ts";

export interface BackfillStackProps extends StackProps {
  readonly configuration: Configuration;
  /** Where alarms are published. */
  readonly alarmTopic: ITopic;
  readonly functions: LongFunctions;
}

/** For what a function cannot finish in its time: a person starts it, and it goes on until all is done. */
export class BackfillStack extends Stack {
  constructor(scope: Construct, id: string, props: BackfillStackProps) {
    const { configuration, alarmTopic, functions, ...stackProps } = props;
    super(scope, id, stackProps);
    const { stateMachine } = new RunToTheEnd(this, "Backfill", functions);
    new CountAlarm(this, "Failed", {
      metric: stateMachine.metricFailed({ period: Duration.hours(1) }),
      title: `${nameIn(configuration.environment, "backfill")}: a backfill stopped`,
      meaning: "A backfill ended before all was done, and nothing goes on with it.",
      heading: runbookHeadings.backfillStopped,
      topic: alarmTopic,
      runbook: configuration.runbookUrl,
    });
    const input = JSON.stringify(exampleInput);
    new CfnOutput(this, "StartBackfill", {
      description: "Runs a function until its work is done, here for a range of the archive",
      value: `aws stepfunctions start-execution --region ${this.region} --state-machine-arn ${stateMachine.stateMachineArn} --input '${input}'`,
    });
  }
}
