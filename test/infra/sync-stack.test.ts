import { Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { context } from "./example.ts";
import { allowedTo, render, synthesise } from "./synthesise.ts";

const { daily } = context.newsletter.lists;
const weekly = { id: 124, source: { kind: "csv", uri: "s3://our-exports/lists/weekly.csv" } };
const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  securityGroupIds: ["sg-0123456789abcdef0"],
};
const { sync } = synthesise({ lists: { weekly, daily } });

test("the function may read and write what the job does, and nothing else", () => {
  const secret = "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:newsletter-sync";
  const readAndWrite = ["s3:GetObject", "s3:PutObject"];
  expect(allowedTo("SyncSubscribersRole", sync)).toEqual({
    "<ExchangeArn>/plans/*": readAndWrite,
    "<ExchangeArn>/quarantine/*": readAndWrite,
    "<ExchangeArn>/locks/*": readAndWrite,
    "<ExchangeArn>/reports/*": readAndWrite,
    "<ExchangeArn>": ["s3:ListBucket"],
    "arn:<AWS::Partition>:s3:::our-exports/lists/weekly.csv": ["s3:GetObject"],
    [`${secret}/ownpage-??????`]: ["secretsmanager:GetSecretValue"],
    [`${secret}/database-??????`]: ["secretsmanager:GetSecretValue"],
    "<DeadLetters.Arn>": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
    "<SyncSubscribersLogs.Arn>": ["logs:CreateLogStream", "logs:PutLogEvents"],
    // X-Ray knows no resources.
    "*": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  });
});

test("the schedules may invoke this function, and nothing else", () => {
  expect(allowedTo("SchedulerRole", sync)).toEqual({
    "<SyncSubscribers.Arn>": ["lambda:InvokeFunction"],
    // Its versions.
    "<SyncSubscribers.Arn>:*": ["lambda:InvokeFunction"],
    "<DeadLetters.Arn>": ["sqs:SendMessage"],
  });
});

test("a list that has a schedule is applied by it, in the configured time zone", () => {
  const schedule = "cron(0 5 ? * MON *)";
  const lists = { daily, weekly: { ...weekly, sync: { schedule } } };
  const template = synthesise({ timeZone: "Europe/Berlin", lists }).sync;
  template.resourceCountIs("AWS::Scheduler::Schedule", 2);
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: schedule,
    ScheduleExpressionTimezone: "Europe/Berlin",
    State: "ENABLED",
    Target: {
      Input: '{"list":"weekly","mode":"apply"}',
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
    },
  });
});

test("a list without a schedule runs by hand only", () => {
  sync.resourceCountIs("AWS::Scheduler::Schedule", 1);
  sync.hasResourceProperties("AWS::Scheduler::Schedule", {
    Target: { Input: '{"list":"daily","mode":"apply"}' },
  });
});

test("the function runs in the configured network, and may connect itself there", () => {
  const template = synthesise({ network }).sync;
  template.hasResourceProperties("AWS::Lambda::Function", {
    VpcConfig: { SubnetIds: network.subnetIds, SecurityGroupIds: network.securityGroupIds },
  });
  expect(allowedTo("SyncSubscribersRole", template)["*"]).toContain("ec2:CreateNetworkInterface");
  template.resourceCountIs("AWS::EC2::SecurityGroup", 0);
});

test("without a network, the function runs in none", () => {
  sync.hasResourceProperties("AWS::Lambda::Function", { VpcConfig: Match.absent() });
});

test("a file of this machine is no source of a function in AWS", () => {
  const lists = { weekly: { source: { kind: "csv", uri: "file:///exports/weekly.csv" } } };
  expect(() => synthesise({ lists })).toThrow(
    "file:///exports/weekly.csv: a function in AWS reads s3://bucket/key",
  );
});

test("the output names the function", () => {
  const { SyncSubscribersFunction } = sync.findOutputs("*");
  expect(render(SyncSubscribersFunction!["Value"])).toBe("<SyncSubscribers>");
});
