import { expect, test } from "vitest";
import { importEventSchema } from "../../../functions/import-subscribers/event.ts";
import { synthesise } from "../synthesise.ts";
import { alarmNames, allowedTo, testEventsIn } from "../template.ts";

const { import: template } = synthesise();

test("a list that has a schedule is imported by it", () => {
  template.resourceCountIs("AWS::Scheduler::Schedule", 1);
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "cron(0 5 ? * MON *)",
    ScheduleExpressionTimezone: "Europe/Paris",
    Target: { Input: '{"list":"weekly"}' },
  });
});

test("the function may write imports of any size, and read them, as their links are its own", () => {
  expect(allowedTo("ImportSubscribersFunctionRole", template)).toMatchObject({
    "<ExchangeArn>/imports/*": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/locks/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/quarantine/*": ["s3:PutObject"],
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
  });
});

test("its files have room on the disk", () => {
  template.hasResourceProperties("AWS::Lambda::Function", { EphemeralStorage: { Size: 2048 } });
});

test("a list that is imported by itself has alarms", () => {
  expect(alarmNames(template)).toEqual([
    "import-subscribers, weekly: rows in the quarantine",
    "import-subscribers: a run failed",
    "import-subscribers: dead letters",
  ]);
});

test("the console has an event to import each list, and one that tells the provider nothing", () => {
  const { examples } = testEventsIn(template).content.components;
  expect(examples).toMatchObject({
    "import-weekly": { value: { list: "weekly" } },
    "import-weekly-dry-run": { value: { list: "weekly", dryRun: true } },
  });
  for (const { value } of Object.values<{ value: unknown }>(examples)) importEventSchema.parse(value);
});
