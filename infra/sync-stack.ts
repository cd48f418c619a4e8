import { CfnOutput, Duration, Stack, type StackProps, TimeZone } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { keyPrefixes } from "../functions/platform/object-keys.ts";
import type { SyncEvent } from "../functions/sync-subscribers/event.ts";
import type { Configuration } from "./config.ts";
import { grantObject, grantPrefixes, grantSecrets } from "./constructs/grants.ts";
import { JobFunction } from "./constructs/job-function.ts";

export interface SyncStackProps extends StackProps {
  readonly configuration: Configuration;
  /** Where plans, locks and reports are kept. */
  readonly exchangeBucket: Bucket;
}

/** The full diff: one function, and a schedule for each list that has one. */
export class SyncStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, exchangeBucket, ...props }: SyncStackProps) {
    super(scope, id, props);
    const deadLetters = new Queue(this, "DeadLetters", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const job = new JobFunction(this, "SyncSubscribers", {
      name: "sync-subscribers",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      deadLetters,
    });
    const { plans, quarantine, locks, reports } = keyPrefixes;
    grantPrefixes(job, exchangeBucket, [plans, quarantine, locks, reports]);
    grantConfigured(job, configuration);
    scheduleLists(job, deadLetters, configuration);
    new CfnOutput(this, "SyncSubscribersFunction", { value: job.functionName });
  }
}

/** Lets the function read the secrets and the files that the configuration names. */
function grantConfigured(job: JobFunction, { provider, lists }: Configuration): void {
  const sources = Object.values(lists).map(({ source }) => source);
  const databases = sources.filter((source) => source.kind === "postgres");
  grantSecrets(job, [provider.secret, ...databases.map(({ secret }) => secret)]);
  const files = sources.filter((source) => source.kind === "csv");
  for (const uri of new Set(files.map((file) => file.uri))) grantObject(job, uri);
}

function scheduleLists(job: JobFunction, deadLetterQueue: Queue, configuration: Configuration): void {
  const timeZone = TimeZone.of(configuration.timeZone);
  for (const [list, { sync }] of Object.entries(configuration.lists)) {
    if (sync === undefined) continue;
    const event: SyncEvent = { list, mode: "apply" };
    new Schedule(job.stack, `Schedule-${list}`, {
      description: `Runs sync-subscribers for the list ${list}`,
      schedule: ScheduleExpression.expression(sync.schedule, timeZone),
      target: new LambdaInvoke(job, {
        input: ScheduleTargetInput.fromObject(event),
        deadLetterQueue,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }
}
