import { Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { syncEventSchema } from "../../../functions/sync-subscribers/event.ts";
import { context } from "../example.ts";
import { watchedMetrics } from "../metrics.ts";
import { synthesise } from "../synthesise.ts";
import { alarmNames, allowedTo, render, testEventsIn } from "../template.ts";

const { daily } = context.newsletter.lists;
const weekly = { id: 125, source: { kind: "csv", uri: "s3://our-exports/lists/weekly.csv" } };
const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  securityGroupIds: ["sg-0123456789abcdef0"],
};
const { sync } = synthesise({ lists: { weekly, daily } });

test("the function may do what the job does, and nothing else", () => {
  const secret = "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:newsletter-sync";
  expect(allowedTo("SyncSubscribersFunctionRole", sync)).toEqual({
    "<ExchangeArn>/plans/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/locks/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/memory/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/quarantine/*": ["s3:PutObject"],
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
    "<ExchangeArn>": ["s3:ListBucket"],
    "arn:<AWS::Partition>:s3:::our-exports/lists/weekly.csv": ["s3:GetObject"],
    [`${secret}/ownpage-??????`]: ["secretsmanager:GetSecretValue"],
    [`${secret}/database-??????`]: ["secretsmanager:GetSecretValue"],
    "<SyncSubscribersDeadLetters.Arn>": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
    "<SyncSubscribersFunctionLogs.Arn>": ["logs:CreateLogStream", "logs:PutLogEvents"],
    // X-Ray has no resources.
    "*": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  });
});

test("the function may read the secret of each account that its lists are at, and no other", () => {
  const secretsOf = (lists: object) =>
    Object.entries(allowedTo("SyncSubscribersFunctionRole", synthesise({ lists }).sync))
      .filter(([, actions]) => actions.includes("secretsmanager:GetSecretValue"))
      .map(([resource]) => resource.replace(/^.*:secret:/, ""));
  const provider = { kind: "ownpage", secret: "newsletter-sync/other" };
  expect(secretsOf({ weekly: { ...weekly, provider } })).toEqual(["newsletter-sync/other-??????"]);
  expect(secretsOf({ weekly: { ...weekly, provider }, monthly: { ...weekly, id: 126 } })).toEqual([
    "newsletter-sync/other-??????",
    "newsletter-sync/ownpage-??????",
  ]);
});

test("a list with a schedule is applied by it, in the configured time zone", () => {
  const schedule = "cron(0 5 ? * MON *)";
  const lists = { daily, weekly: { ...weekly, sync: { schedule } } };
  const template = synthesise({ timeZone: "Europe/Berlin", lists }).sync;
  template.resourceCountIs("AWS::Scheduler::Schedule", 2);
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: schedule,
    ScheduleExpressionTimezone: "Europe/Berlin",
    Target: { Input: '{"list":"weekly","mode":"apply"}' },
  });
});

test("a list without a schedule runs by hand only, and has no alarms of its own", () => {
  sync.resourceCountIs("AWS::Scheduler::Schedule", 1);
  sync.hasResourceProperties("AWS::Scheduler::Schedule", {
    Target: { Input: '{"list":"daily","mode":"apply"}' },
  });
  expect(alarmNames(sync)).toEqual([
    "sync-subscribers, daily: a plan was refused",
    "sync-subscribers, daily: a run did not happen",
    "sync-subscribers, daily: counters do not add up",
    "sync-subscribers, daily: rows in the quarantine",
    "sync-subscribers, daily: the provider refused rows",
    "sync-subscribers: a run failed",
    "sync-subscribers: dead letters",
  ]);
});

test("the console has events to plan, apply and approve each list", () => {
  const { content } = testEventsIn(sync);
  expect(content.components.examples).toEqual({
    "plan-weekly": { value: { list: "weekly", mode: "plan" } },
    "apply-weekly": { value: { list: "weekly", mode: "apply" } },
    "approve-a-plan-weekly": { value: { list: "weekly", apply: "PLAN-ID", approve: ["unsubscribe"] } },
    "plan-daily": { value: { list: "daily", mode: "plan" } },
    "apply-daily": { value: { list: "daily", mode: "apply" } },
    "approve-a-plan-daily": { value: { list: "daily", apply: "PLAN-ID", approve: ["unsubscribe"] } },
  });
  for (const { value } of Object.values<{ value: unknown }>(content.components.examples))
    syncEventSchema.parse(value);
});

test("the dashboard shows both sides of every list, even of those that run by hand", () => {
  const metrics = [...watchedMetrics(sync, "daily"), ...watchedMetrics(sync, "weekly")];
  for (const list of ["daily", "weekly"]) {
    for (const metric of [
      "CurrentSubscribed",
      "DesiredSubscribed",
      "PlannedUnsubscribe",
      "KeptUnsubscribed",
      "ChangesWaiting",
    ]) {
      expect(metrics).toContain(`NewsletterSync list=${list} service=sync-subscribers ${metric}`);
    }
  }
});

test("the function runs in the configured network, to which it may connect", () => {
  const template = synthesise({ network }).sync;
  template.hasResourceProperties("AWS::Lambda::Function", {
    VpcConfig: { SubnetIds: network.subnetIds, SecurityGroupIds: network.securityGroupIds },
  });
  expect(allowedTo("SyncSubscribersFunctionRole", template)["*"]).toContain("ec2:CreateNetworkInterface");
  template.resourceCountIs("AWS::EC2::SecurityGroup", 0);
});

test("without a network in the configuration, the function runs in none", () => {
  sync.hasResourceProperties("AWS::Lambda::Function", { VpcConfig: Match.absent() });
});

test("the output names the function", () => {
  const { SyncSubscribersFunction } = sync.findOutputs("*");
  expect(render(SyncSubscribersFunction!["Value"])).toBe("<SyncSubscribersFunction>");
});
