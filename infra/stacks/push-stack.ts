import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { historySecretVariable } from "../../functions/platform/environment.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { PushApproval } from "../../functions/push-changes/event.ts";
import { pushMetrics } from "../../functions/push-changes/metrics.ts";
import type { Configuration } from "../config.ts";
import {
  grantHistory,
  grantKeys,
  grantListing,
  grantPrefixes,
  grantProviders,
} from "../constructs/grants.ts";
import { type FigureGraph, graph, JobDashboard, type Line } from "../constructs/job-dashboard.ts";
import { JobFunction } from "../constructs/job-function.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
import { PushAlarms } from "../constructs/push-alarms.ts";
import { PushApi } from "../constructs/push-api.ts";
import { PushQueue } from "../constructs/push-queue.ts";
import { TestEvents } from "../constructs/test-events.ts";
import { nameIn } from "../environment.ts";
import { historySecretIn } from "../history-key.ts";
import type { JobStackProps } from "./job-stack.ts";

export interface PushStackProps extends JobStackProps {
  readonly push: NonNullable<Configuration["push"]>;
  /** Where alarms are published. */
  readonly alarmTopic: ITopic;
}

/** Fewer than two Lambda does not take. A list's lock lets only one of them at a list. */
const functionsAtOnce = 2;

/** One reader's change at once: an API that writes into a queue, and the function that takes from it. */
export class PushStack extends Stack {
  constructor(scope: Construct, id: string, props: PushStackProps) {
    const { configuration, push, exchangeBucket, deadLetters, alarms, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const name = nameIn(configuration.environment, "push-changes");
    const timeout = Duration.minutes(configuration.functions["push-changes"].timeoutMinutes);
    const queue = new PushQueue(this, "Queue", { ...configuration, timeout });
    const job = new Construct(this, "PushChanges");
    const fn = new JobFunction(job, "Function", {
      name: "push-changes",
      configuration,
      environment: {
        EXCHANGE_BUCKET: exchangeBucket.bucketName,
        QUEUE_URL: queue.messages.queueUrl,
        [historySecretVariable]: historySecretIn(configuration.environment),
      },
      deadLetters,
    });
    grantKeys(fn, configuration);
    grantPush(fn, configuration, exchangeBucket);
    fn.addEventSource(
      new SqsEventSource(queue.messages, {
        batchSize: 10,
        reportBatchItemFailures: true,
        maxConcurrency: functionsAtOnce,
      }),
    );
    const api = new PushApi(this, "Api", { configuration, push, queue: queue.messages });
    const own = new PushAlarms(this, "Alarms", {
      name,
      queue,
      topic: alarmTopic,
      runbook: configuration.runbookUrl,
    });
    const lists = Object.keys(configuration.lists);
    new TestEvents(this, "TestEvents", { function: fn, events: testEventsFor(lists) });
    new JobDashboard(this, "Dashboard", {
      job: { function: fn },
      alarms: [...own.names, ...alarms],
      subjects: lists,
      requests: pushMetrics,
      latest,
      graphs,
      others: queueGraphs(queue),
    });
    new CfnOutput(this, "PushUrl", { description: "Where the website sends changes", value: api.url });
    new CfnOutput(this, "ShowPushKey", {
      description: "Shows the key that goes with each request, in the header x-api-key",
      value: `aws apigateway get-api-key --region ${this.region} --api-key ${api.key.keyId} --include-value --query value`,
    });
    new CfnOutput(this, "PushFunction", { value: fn.functionName });
  }
}

function grantPush(grantee: IFunction, configuration: Configuration, exchangeBucket: AnyBucket): void {
  const { quarantine, locks, memory, reports } = exchangePrefixes;
  grantPrefixes(grantee, exchangeBucket, {
    [locks]: "readAndWrite",
    [memory]: "readAndWrite",
    [quarantine]: "write",
    [reports]: "write",
  });
  grantListing(grantee, exchangeBucket);
  grantHistory(grantee, configuration, exchangeBucket);
  grantProviders(grantee, configuration, exchangeBucket);
}

function testEventsFor(lists: readonly string[]): Record<string, PushApproval> {
  return Object.fromEntries(
    lists.map((list) => [`let-as-much-again-pass-${list}`, { list, approve: ["subscribe"] }]),
  );
}

function queueGraphs({ messages, deadLetters }: PushQueue): IWidget[] {
  const period = Duration.minutes(5);
  const most = { period, statistic: "Maximum" };
  return [
    graph("The queue", [
      messages.metricApproximateNumberOfMessagesVisible({ ...most, label: "to be given out" }),
      messages.metricApproximateNumberOfMessagesNotVisible({ ...most, label: "at work, or waiting" }),
    ]),
    graph("The oldest message (s)", [
      messages.metricApproximateAgeOfOldestMessage({ ...most, label: "age" }),
    ]),
    graph("Messages accepted", [messages.metricNumberOfMessagesSent({ period, label: "accepted" })]),
    graph("Dead letters", [deadLetters.metricApproximateNumberOfMessagesVisible({ ...most, label: "left" })]),
  ];
}

const latest: readonly Line[] = [
  [pushMetrics.messagesDone, "done"],
  [pushMetrics.messagesWaiting, "put off"],
];

const graphs: readonly FigureGraph[] = [
  {
    title: "Messages",
    lines: [
      [pushMetrics.messagesDone, "done"],
      [pushMetrics.messagesWaiting, "put off, each time"],
      [pushMetrics.messagesHeld, "of them, for a person"],
    ],
  },
  {
    title: "Changes",
    lines: [
      [pushMetrics.changesApplied, "applied"],
      [pushMetrics.optInsSent, "readers asked"],
      [pushMetrics.rowsQuarantined, "rows in quarantine"],
    ],
  },
];
