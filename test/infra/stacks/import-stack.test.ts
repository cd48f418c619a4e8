import { expect, test } from "vitest";
import { importEventSchema } from "../../../functions/import-subscribers/event.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, testEventsIn } from "../template.ts";

const { import: template } = synthesise();

test("a list with a schedule is imported by it", () => {
  template.resourceCountIs("AWS::Scheduler::Schedule", 1);
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "cron(0 5 ? * MON *)",
    ScheduleExpressionTimezone: "Europe/Paris",
    Target: { Input: '{"list":"weekly","scheduledAt":"<aws.scheduler.scheduled-time>"}' },
  });
});

test("the function may write imports of any size, and read them, as it signs their links", () => {
  expect(allowedTo("ImportSubscribersFunctionRole", template)).toMatchObject({
    "<ExchangeArn>/imports/*": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/locks/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/memory/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/approvals/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/quarantine/*": ["s3:PutObject"],
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
  });
});

test("the console has events to import each list, also without telling the provider, and to approve it", () => {
  const { examples } = testEventsIn(template).content.components;
  expect(examples).toMatchObject({
    "import-weekly": { value: { list: "weekly" } },
    "import-weekly-dry-run": { value: { list: "weekly", dryRun: true } },
    "approve-an-import-weekly": { value: { list: "weekly", apply: "PLAN-ID", approve: ["unsubscribe"] } },
  });
  for (const { value } of Object.values<{ value: unknown }>(examples)) importEventSchema.parse(value);
});
