import { Stack } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { watchSubject } from "../../functions/watch-runs/metrics.ts";
import { DeploymentAlarms } from "../constructs/deployment-alarms.ts";
import { grantListing, grantPrefixes } from "../constructs/grants.ts";
import { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

export interface WatchStackProps extends Omit<JobStackProps, "alarms"> {
  /** Where alarms are published. */
  readonly alarmTopic: ITopic;
}

/** What watches the jobs: the alarms, and the function that notices runs that did not happen. */
export class WatchStack extends Stack {
  /** The names of all alarms. */
  readonly alarms: readonly string[];

  constructor(scope: Construct, id: string, props: WatchStackProps) {
    const { configuration, exchangeBucket, deadLetters, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const job = new ScheduledJob(this, "WatchRuns", {
      name: "watch-runs",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      runs: [{ subject: watchSubject, schedule: "rate(1 hour)", event: {} }],
      testEvents: { "watch-runs": {} },
      deadLetters,
    });
    const { reports, successes } = exchangePrefixes;
    grantPrefixes(job.function, exchangeBucket, { [reports]: "write", [successes]: "read" });
    grantListing(job.function, exchangeBucket);
    this.alarms = new DeploymentAlarms(this, "Alarms", {
      configuration,
      topic: alarmTopic,
      deadLetters,
    }).names;
  }
}
