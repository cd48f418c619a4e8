import { Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { expect, test } from "vitest";
import { ScheduledJob, type ScheduledRun } from "../../infra/constructs/scheduled-job.ts";
import { exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";
import { propertiesOf, render, testEventsIn } from "./template.ts";

const single: readonly ScheduledRun[] = [
  { subject: "everything", schedule: "rate(1 hour)", event: { do: "this" } },
];

function stackWith({ runs = single }: { runs?: readonly ScheduledRun[] }): Stack {
  const stack = new Stack(createAppWithoutBundles(), "Stack");
  new ScheduledJob(stack, "Job", {
    name: "archive-events",
    configuration: exampleWith({}),
    environment: {},
    runs,
    testEvents: { "do-this": { do: "this" } },
    deadLetters: new Queue(stack, "DeadLetters"),
  });
  return stack;
}

const schedulesOf = (stack: Stack) => propertiesOf("AWS::Scheduler::Schedule", Template.fromStack(stack));

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

test.each([
  ["rate(1 hour)", 15],
  ["rate(1 day)", 15],
  ["cron(0 5 ? * MON *)", 15],
  ["rate(30 minutes)", 7],
  ["cron(0/20 8-18 * * ? *)", 5],
  ["cron(0,50 * * * ? *)", 2],
])("of several lists, each that runs by %s is started within %d minutes", (schedule, minutes) => {
  const runs = ["daily", "weekly"].map((subject) => ({ subject, schedule, event: {} }));
  for (const { FlexibleTimeWindow } of schedulesOf(stackWith({ runs }))) {
    expect(FlexibleTimeWindow).toEqual({ Mode: "FLEXIBLE", MaximumWindowInMinutes: minutes });
  }
});

test("what runs every few minutes, or runs alone, is started at its minute", () => {
  const runs = ["daily", "weekly"].map((subject) => ({ subject, schedule: "rate(3 minutes)", event: {} }));
  const alone = [{ subject: "events", schedule: "cron(30 4 * * ? *)", event: {} }];
  for (const stack of [stackWith({ runs }), stackWith({ runs: alone })]) {
    for (const { FlexibleTimeWindow } of schedulesOf(stack))
      expect(FlexibleTimeWindow).toEqual({ Mode: "OFF" });
  }
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
