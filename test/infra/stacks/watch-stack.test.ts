import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { watchEventSchema } from "../../../functions/watch-runs/event.ts";
import { functionConfiguration } from "../../../infra/config.ts";
import { context, exampleWith } from "../example.ts";
import { alarmedMetrics } from "../metrics.ts";
import { synthesise } from "../synthesise.ts";
import { alarmNames, allowedTo, propertiesOf, testEventsIn } from "../template.ts";

const { daily } = context.newsletter.lists;
const { watch } = synthesise();
const queryOf = (name: string, template: Template = watch) => {
  const alarm = propertiesOf("AWS::CloudWatch::Alarm", template).find(({ AlarmName }) => AlarmName === name);
  return alarm?.Metrics[0].Expression;
};

/** So many lists, each with every kind of schedule and with returns. */
function manyLists(count: number) {
  const returns = { kind: "postgres", secret: "newsletter-sync/writer", statements: ["select 1"] };
  const list = { ...daily, returns, import: { schedule: "rate(7 days)" } };
  return Object.fromEntries(
    Array.from({ length: count }, (_, number) => [`list-${number}`, { ...list, id: number + 1 }]),
  );
}

test("the alarms are those of the deployment, which say what happened to a list or a run", () => {
  expect(alarmNames(watch)).toEqual([
    "newsletter-sync: a first plan waits",
    "newsletter-sync: a run did not happen",
    "newsletter-sync: a run failed",
    "newsletter-sync: an archive day is missing",
    "newsletter-sync: counters do not add up",
    "newsletter-sync: dead letters",
    "newsletter-sync: nobody watches the runs",
    "newsletter-sync: rows in the quarantine",
  ]);
  expect(alarmNames(synthesise({ archive: {} }).watch)).not.toContain(
    "newsletter-sync: an archive day is missing",
  );
});

test("there are as many for two hundred lists as for one: two fewer than twelve, to leave room", () => {
  const [one, many] = [1, 200].map((count) => synthesise({ lists: manyLists(count) }));
  expect(alarmNames(many!.watch)).toEqual(alarmNames(one!.watch));
  const all = Object.values(many!).flatMap((template) => alarmNames(template));
  expect(all).toHaveLength(10);
});

test("only who has a database that is told of returns has an alarm for one that does not take them", () => {
  const name = "newsletter-sync: a database does not take returns";
  const namesWith = (returns: object) =>
    alarmNames(synthesise({ lists: { daily: { ...daily, returns } } }).watch);
  expect(namesWith({ kind: "postgres", secret: "writer", statements: ["select 1"] })).toContain(name);
  expect(namesWith({ kind: "csv" })).not.toContain(name);
});

test("one count within an hour raises an alarm, of the function and the list that are named; the hour after it sends no mail", () => {
  watch.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "newsletter-sync: rows in the quarantine",
    AlarmDescription: Match.stringLikeRegexp("docs/runbook.md#rows-in-the-quarantine$"),
    Metrics: [
      {
        Expression:
          'SELECT SUM("RowsSetAside") FROM SCHEMA("NewsletterSync", "list", "service") GROUP BY "list", "service" ORDER BY SUM() DESC',
        Period: 3600,
        ReturnData: true,
      },
    ],
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    OKActions: Match.absent(),
  });
  expect(queryOf("newsletter-sync: a run did not happen")).toContain('"RunMissing"');
});

test("the alarm for failures names the error, too, which is a heading of the runbook", () => {
  expect(queryOf("newsletter-sync: a run failed")).toBe(
    'SELECT SUM("RunFailed") FROM SCHEMA("NewsletterSync", "error", "list", "service") GROUP BY "error", "list", "service" ORDER BY SUM() DESC',
  );
});

test("an environment's alarms see nothing of another one's runs", () => {
  const staging = synthesise({ environment: "staging" });
  expect(queryOf("staging-newsletter-sync: a run failed", staging.watch)).toContain(
    'FROM SCHEMA("staging-NewsletterSync", ',
  );
  for (const template of [staging.watch, staging.sync, staging.import, staging.archive]) {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { POWERTOOLS_METRICS_NAMESPACE: "staging-NewsletterSync" } },
    });
  }
});

test("dead letters of any function raise one alarm, and a mail when they are gone", () => {
  watch.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "newsletter-sync: dead letters",
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Statistic: "Maximum",
    Threshold: 0,
    OKActions: [Match.anyValue()],
  });
});

test("three hours without a look at the schedules are worth a mail, but not before the first look", () => {
  watch.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "newsletter-sync: nobody watches the runs",
    Namespace: "NewsletterSync",
    MetricName: "SchedulesWatched",
    Dimensions: [
      { Name: "list", Value: "schedules" },
      { Name: "service", Value: "watch-runs" },
    ],
    Period: 3600,
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: "LessThanThreshold",
    // So nothing is sent before the first look, after which no more data is "insufficient data".
    TreatMissingData: "missing",
    AlarmActions: Match.absent(),
    InsufficientDataActions: [Match.anyValue()],
    OKActions: [Match.anyValue()],
  });
});

test.each(["a run failed", "a first plan waits"])("the mail that %s names the text of the plan", (title) => {
  watch.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: `newsletter-sync: ${title}`,
    AlarmDescription: Match.stringLikeRegexp("plans/LIST/PLAN/plan\\.md .*imports/LIST/PLAN/plan\\.md"),
  });
});

test("the links of the alarms lead to the configured runbook", () => {
  const runbookUrl = "https://wiki.example.fr/runbook";
  for (const { AlarmDescription } of propertiesOf(
    "AWS::CloudWatch::Alarm",
    synthesise({ runbookUrl }).watch,
  )) {
    expect(AlarmDescription).toContain(" https://wiki.example.fr/runbook#");
  }
});

test.each([
  ["rate(15 minutes)", 4],
  ["rate(1 hour)", 4],
  ["cron(30 4 * * ? *)", 27],
  ["cron(0 8,18 ? * MON-FRI *)", 65],
  ["cron(0 5 ? * MON *)", 171],
  ["cron(0 5 1 * ? *)", 747],
])("a run of %s is missing if nothing has succeeded for %d hours", (schedule, hours) => {
  const lists = { daily: { ...daily, sync: { schedule } } };
  const configuration = exampleWith({ environment: "staging", lists, archive: {} });
  expect(functionConfiguration(configuration, "watch-runs")).toEqual({
    schedules: [
      { function: "sync-subscribers", service: "staging-sync-subscribers", subject: "daily", hours },
    ],
  });
});

test("every schedule is watched, except one that has a last run", () => {
  const lists = {
    ...context.newsletter.lists,
    once: { ...daily, id: 9, sync: { schedule: "cron(0 5 1 1 ? 2030)" } },
  };
  expect(functionConfiguration(exampleWith({ lists }), "watch-runs")).toMatchObject({
    schedules: [
      { function: "sync-subscribers", subject: "daily" },
      { function: "import-subscribers", subject: "weekly" },
      { function: "archive-events", subject: "events" },
    ],
  });
});

test("the watch runs every hour, and may read the last successes and write its report", () => {
  watch.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "rate(1 hour)",
    Target: { Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}' },
  });
  expect(allowedTo("WatchRunsFunctionRole", watch)).toMatchObject({
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
    "<ExchangeArn>/successes/*": ["s3:GetObject"],
    "<ExchangeArn>": ["s3:ListBucket"],
  });
  const { examples } = testEventsIn(watch).content.components;
  for (const { value } of Object.values<{ value: unknown }>(examples)) watchEventSchema.parse(value);
});

describe("an account at Constant Contact", () => {
  const list = (id: number) => ({
    id: `11571157-0000-4000-8000-00000000000${id}`,
    source: { kind: "csv", uri: "s3://our-exports/weekly.csv" },
  });
  const provider = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
  const own = { kind: "constant-contact", secret: "newsletter-sync/other" };
  const lists = { daily: list(1), weekly: list(2), other: { ...list(1), provider: own } };
  const quotaAlarms = (template: Template) =>
    alarmNames(template).filter((name) => name.includes("requests"));

  test("has one alarm for its quota, over all of its lists and both functions that ask it", () => {
    const template = synthesise({ provider, lists, archive: {} }).watch;
    expect(quotaAlarms(watch)).toEqual([]);
    expect(quotaAlarms(template)).toEqual([
      "provider, newsletter-sync/constant-contact: the day's requests are nearly used up",
      "provider, newsletter-sync/other: the day's requests are nearly used up",
    ]);
    const requests = (service: string) => ({
      MetricStat: {
        Metric: {
          Namespace: "NewsletterSync",
          MetricName: "AccountRequests",
          Dimensions: [
            { Name: "account", Value: "newsletter-sync/constant-contact" },
            { Name: "service", Value: service },
          ],
        },
        Period: 24 * 3600,
        Stat: "Sum",
      },
    });
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Metrics: [
        { Expression: "100*(FILL(m0_0,0)+FILL(m0_1,0))/10000", ReturnData: true },
        requests("sync-subscribers"),
        requests("import-subscribers"),
      ],
      Threshold: 80,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      EvaluationPeriods: 1,
      TreatMissingData: "notBreaching",
      AlarmDescription: Match.stringLikeRegexp("docs/runbook.md#the-days-requests-are-nearly-used-up$"),
      AlarmActions: [Match.anyValue()],
    });
  });

  test("has an alarm of its own in each environment, over the functions there", () => {
    const existing = { providerSecret: [provider.secret, own.secret] };
    const staging = synthesise({ environment: "staging", existing, provider, lists, archive: {} }).watch;
    expect(quotaAlarms(staging)).toContain(
      "staging-provider, newsletter-sync/other: the day's requests are nearly used up",
    );
    expect(alarmedMetrics(staging)).toContain(
      "staging-NewsletterSync account=newsletter-sync/other service=staging-sync-subscribers AccountRequests",
    );
  });
});
