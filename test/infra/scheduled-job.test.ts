import { Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { expect, test } from "vitest";
import { ScheduledJob } from "../../infra/constructs/scheduled-job.ts";
import { exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";
import { render, testEventsIn } from "./template.ts";

function stackWith({
  schedule = "rate(1 hour)",
  changes = {},
}: {
  schedule?: string;
  changes?: object;
}): Stack {
  const stack = new Stack(createAppWithoutBundles(), "Stack");
  new ScheduledJob(stack, "Job", {
    name: "archive-events",
    configuration: exampleWith(changes),
    environment: {},
    runs: [{ subject: "everything", schedule, event: { do: "this" } }],
    testEvents: { "do-this": { do: "this" } },
    alarmTopic: new Topic(stack, "Alarms"),
    harm: "Nobody reads.",
  });
  return stack;
}

const template = Template.fromStack(stackWith({}));

test("a schedule retries for an hour, and then leaves the event in the dead letters", () => {
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    State: "ENABLED",
    Target: {
      // Scheduler puts the time in, which no person's event has.
      Input: '{"do":"this","scheduledAt":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("DeadLetters"), "Arn"] } },
    },
  });
});

test("one failure within an hour raises the alarm, even a crash or a timeout; the hour after it sends no mail", () => {
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "archive-events: a run failed",
    AlarmDescription: "A run of archive-events failed. Nobody reads. docs/runbook.md#a-run-failed",
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 3600,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: [{ Ref: Match.stringLikeRegexp("Alarms") }],
    OKActions: Match.absent(),
  });
});

test("dead letters raise an alarm, and a mail when they are gone", () => {
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "archive-events: dead letters",
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Statistic: "Maximum",
    Threshold: 0,
    OKActions: [{ Ref: Match.stringLikeRegexp("Alarms") }],
  });
});

test.each([
  ["rate(15 minutes)", 4],
  ["rate(1 hour)", 4],
  ["cron(30 4 * * ? *)", 27],
  ["cron(0 8,18 ? * MON-FRI *)", 65],
  ["rate(6 days)", 147],
])("a run of %s is missing if nothing has succeeded for %d hours", (schedule, hours) => {
  Template.fromStack(stackWith({ schedule })).hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "archive-events, everything: a run did not happen",
    AlarmDescription: Match.stringLikeRegexp(`No run .* for ${hours} hours`),
    Namespace: "NewsletterSync",
    MetricName: "RunSucceeded",
    Dimensions: [
      { Name: "list", Value: "everything" },
      { Name: "service", Value: "archive-events" },
    ],
    Statistic: "Sum",
    Period: 3600,
    EvaluationPeriods: hours,
    Threshold: 1,
    ComparisonOperator: "LessThanThreshold",
    // So nothing is sent before the first success, after which no more data is "insufficient data".
    TreatMissingData: "missing",
    AlarmActions: Match.absent(),
    InsufficientDataActions: [{ Ref: Match.stringLikeRegexp("Alarms") }],
    OKActions: [{ Ref: Match.stringLikeRegexp("Alarms") }],
  });
});

test.each(["rate(7 days)", "cron(0 5 ? * MON *)", "cron(0 5 1 * ? *)"])(
  "%s is too rare for CloudWatch to watch, and the synthesis warns of it",
  (schedule) => {
    const stack = stackWith({ schedule });
    Annotations.fromStack(stack).hasWarning("*", Match.stringLikeRegexp("CloudWatch cannot notice"));
    const alarms = Template.fromStack(stack).findResources("AWS::CloudWatch::Alarm", {
      Properties: { MetricName: "RunSucceeded" },
    });
    expect(alarms).toEqual({});
  },
);

test("the links of the alarms lead to the configured runbook", () => {
  const changes = { runbookUrl: "https://wiki.example.fr/runbook" };
  Template.fromStack(stackWith({ changes })).hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmDescription: Match.stringLikeRegexp("https://wiki.example.fr/runbook#a-run-failed$"),
  });
});

test("the console finds the test events by the function's name", () => {
  expect(testEventsIn(template)).toEqual({
    registry: "lambda-testevent-schemas",
    name: "_<JobFunction>-schema",
    type: "OpenApi3",
    content: {
      openapi: "3.0.0",
      info: { version: "1.0.0", title: "Event" },
      paths: {},
      components: {
        schemas: { Event: { type: "object" } },
        examples: { "do-this": { value: { do: "this" } } },
      },
    },
  });
});

test("the output names the function", () => {
  const { JobFunction } = template.findOutputs("*");
  expect(render(JobFunction!["Value"])).toBe("<JobFunction>");
});
