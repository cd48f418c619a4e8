import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { syncEventSchema } from "../../../functions/sync-subscribers/event.ts";
import { syncMetrics } from "../../../functions/sync-subscribers/metrics.ts";
import { context } from "../example.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, propertiesOf, render, testEventsIn } from "../template.ts";

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
    "<ExchangeArn>/approvals/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/quarantine/*": ["s3:PutObject"],
    "<ExchangeArn>/history/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
    "<ExchangeArn>/successes/*": ["s3:GetObject", "s3:PutObject"],
    "<ExchangeArn>": ["s3:ListBucket"],
    "arn:<AWS::Partition>:s3:::our-exports/lists/weekly.csv": ["s3:GetObject"],
    [`${secret}/ownpage-??????`]: ["secretsmanager:GetSecretValue"],
    [`${secret}/database-??????`]: ["secretsmanager:GetSecretValue"],
    [`${secret}/history-key-??????`]: ["secretsmanager:GetSecretValue"],
    "<DeadLettersArn>": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
    "<SyncSubscribersFunctionLogs.Arn>": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default": ["events:PutEvents"],
    // X-Ray has no resources.
    "*": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  });
});

test("the function may read the secret of each account that its lists are at, and no other", () => {
  const secretsOf = (lists: object) =>
    Object.entries(allowedTo("SyncSubscribersFunctionRole", synthesise({ lists }).sync))
      .filter(([, actions]) => actions.includes("secretsmanager:GetSecretValue"))
      .map(([resource]) => resource.replace(/^.*:secret:/, ""))
      .filter((name) => !name.includes("history-key"));
  const provider = { kind: "ownpage", secret: "newsletter-sync/other" };
  expect(secretsOf({ weekly: { ...weekly, provider } })).toEqual(["newsletter-sync/other-??????"]);
  expect(secretsOf({ weekly: { ...weekly, provider }, monthly: { ...weekly, id: 126 } })).toEqual([
    "newsletter-sync/other-??????",
    "newsletter-sync/ownpage-??????",
  ]);
});

describe("a list at Constant Contact", () => {
  const provider = { kind: "constant-contact", secret: "newsletter-sync/magazine" };
  const magazine = { ...weekly, id: "11571157-0000-4000-8000-000000000001", provider };
  const before = synthesise({ lists: { daily } });
  const after = synthesise({ lists: { daily, magazine } });
  const secret =
    "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:newsletter-sync/magazine-??????";

  test.each([
    ["sync", "SyncSubscribersFunctionRole"],
    ["import", "ImportSubscribersFunctionRole"],
  ] as const)(
    "lets the function of the stack %s write its tokens and its mirror, and no more",
    (stack, role) => {
      const known = allowedTo(role, before[stack]);
      const added = Object.entries(allowedTo(role, after[stack])).filter(
        ([resource]) => !(resource in known),
      );
      expect(Object.fromEntries(added)).toEqual({
        [secret]: ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
        "<ExchangeArn>/mirror/*": ["s3:GetObject", "s3:PutObject"],
        "arn:<AWS::Partition>:s3:::our-exports/lists/weekly.csv": ["s3:GetObject"],
      });
      expect(allowedTo(role, after[stack])).toMatchObject(known);
    },
  );

  test("lets the function encrypt its tokens with keys of the publisher's", () => {
    const kmsKeyArns = ["arn:aws:kms:eu-west-3:123456789012:key/11571157-0000-4000-8000-000000000001"];
    const allowed = (lists: object) =>
      allowedTo("SyncSubscribersFunctionRole", synthesise({ kmsKeyArns, lists }).sync)[kmsKeyArns[0]!];
    expect(allowed({ daily })).toEqual(["kms:Decrypt"]);
    expect(allowed({ daily, magazine })).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
  });

  test("has the same test events as any other list", () => {
    const other = synthesise({ lists: { daily, magazine: weekly } }).sync;
    expect(testEventsIn(after.sync).content.components).toEqual(testEventsIn(other).content.components);
  });
});

describe("a list with returns", () => {
  const role = "SyncSubscribersFunctionRole";
  const statements = ["select 1"];
  const postgres = { kind: "postgres", secret: "newsletter-sync/database-writer", statements };
  const withReturns = (returns: object) =>
    synthesise({ lists: { weekly, daily: { ...daily, returns } } }).sync;
  const addedBy = (returns: object) => {
    const before = allowedTo(role, sync);
    const after = Object.entries(allowedTo(role, withReturns(returns)));
    return Object.fromEntries(after.filter(([resource]) => !(resource in before)));
  };

  test("to PostgreSQL: the function may also read the writer's secret, and nothing else", () => {
    const secret =
      "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:newsletter-sync";
    expect(addedBy(postgres)).toEqual({
      [`${secret}/database-writer-??????`]: ["secretsmanager:GetSecretValue"],
    });
    expect(addedBy({ ...postgres, secret: "newsletter-sync/database" })).toEqual({});
  });

  test("as files: the function may also write them, and nothing else", () => {
    expect(addedBy({ kind: "csv" })).toEqual({
      "<ExchangeArn>/returned/*": ["s3:AbortMultipartUpload", "s3:PutObject"],
    });
  });

  test("gives the function that imports no more rights", () => {
    const lists = { weekly, daily: { ...daily, returns: postgres } };
    const allowed = (template: Template) => allowedTo("ImportSubscribersFunctionRole", template);
    expect(allowed(synthesise({ lists }).import)).toEqual(
      allowed(synthesise({ lists: { weekly, daily } }).import),
    );
  });

  test("has events to return, and to approve returns", () => {
    const events = testEventsIn(withReturns(postgres)).content.components.examples;
    expect(events).toMatchObject({
      "return-daily": { value: { list: "daily", mode: "return" } },
      "approve-the-returns-of-a-plan-daily": {
        value: { list: "daily", apply: "PLAN-ID", approve: ["return"] },
      },
    });
    expect(Object.keys(events).filter((event) => event.includes("return-weekly"))).toEqual([]);
    for (const { value } of Object.values<{ value: unknown }>(events)) syncEventSchema.parse(value);
  });
});

test("a list with a schedule is applied by it, in the configured time zone", () => {
  const schedule = "cron(0 5 ? * MON *)";
  const lists = { daily, weekly: { ...weekly, sync: { schedule } } };
  const template = synthesise({ timeZone: "Europe/Berlin", lists }).sync;
  template.resourceCountIs("AWS::Scheduler::Schedule", 2);
  template.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: schedule,
    ScheduleExpressionTimezone: "Europe/Berlin",
    Target: { Input: Match.stringLikeRegexp('^{"list":"weekly","mode":"apply",') },
  });
});

test("a list without a schedule runs by hand only", () => {
  sync.resourceCountIs("AWS::Scheduler::Schedule", 1);
  sync.hasResourceProperties("AWS::Scheduler::Schedule", {
    Target: { Input: Match.stringLikeRegexp('^{"list":"daily","mode":"apply",') },
  });
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

test("the dashboard shows how much of its daily requests each account used, if the provider counts them", () => {
  const id = "11571157-0000-4000-8000-000000000001";
  const at = (secret: string) => ({ ...weekly, id, provider: { kind: "constant-contact", secret } });
  const dashboardOf = ({ sync: template }: { sync: Template }) =>
    render(propertiesOf("AWS::CloudWatch::Dashboard", template)[0].DashboardBody);
  const shown = dashboardOf(synthesise({ lists: { one: at("one"), other: at("other") } }));
  expect(shown).toContain("Used of the day's requests (%)");
  expect(shown).toContain('"label":"one","expression":"100*(FILL(m0_0,0)+FILL(m0_1,0))/10000"');
  expect(shown).toContain('"label":"other","expression":"100*(FILL(m1_0,0)+FILL(m1_1,0))/10000"');
  expect(dashboardOf({ sync })).not.toContain("Used of the day's requests");
});

test("the dashboard shows how every list stands, and what the runs of the chosen one did", () => {
  const { variables, widgets } = JSON.parse(
    render(propertiesOf("AWS::CloudWatch::Dashboard", sync)[0].DashboardBody),
  );
  expect(variables).toMatchObject([
    { id: "list", pattern: "CHOSEN-LIST", values: [{ value: "weekly" }, { value: "daily" }] },
  ]);
  const queries: string[] = widgets.flatMap(({ properties }: { properties: { query?: string } }) =>
    properties.query === undefined ? [] : [properties.query],
  );
  const [table = "", ...graphs] = queries;
  expect(table).toContain("by list");
  expect(graphs.every((query) => query.includes('filter list = "CHOSEN-LIST"'))).toBe(true);
  const { firstPlanWaits: _, rowsSetAside: __, ...shown } = syncMetrics;
  for (const figure of Object.values(shown)) expect(queries.join()).toContain(`figures.${figure})`);
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

test("a list's preview looks by a schedule of its own, whether the list has another or not", () => {
  const preview = "cron(0 17 * * ? *)";
  const { sync: previewed } = synthesise({
    lists: { daily: { ...daily, preview }, weekly: { ...weekly, preview } },
  });
  const schedules = propertiesOf("AWS::Scheduler::Schedule", previewed);
  const looks = schedules.filter(({ Target }) => Target.Input.includes('"mode":"plan"'));
  expect(
    looks.map(({ ScheduleExpression, Target }) => [ScheduleExpression, JSON.parse(Target.Input).list]),
  ).toEqual([
    [preview, "daily"],
    [preview, "weekly"],
  ]);
});
