import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { archiveEventSchema } from "../../../functions/archive-events/event.ts";
import { tableKey } from "../../../functions/platform/storage/object-keys.ts";
import { eventColumns } from "../../../functions/providers/event-columns.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, render, testEventsIn } from "../template.ts";

const { archive } = synthesise();

test("whatever is due is archived every night", () => {
  archive.resourceCountIs("AWS::Scheduler::Schedule", 1);
  archive.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "cron(30 4 * * ? *)",
    ScheduleExpressionTimezone: "Europe/Paris",
    Target: { Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}' },
  });
});

test.each([
  ["a schedule of its archive", {}],
  ["an archive", undefined],
])("without %s in the configuration, it runs by hand only", (_, configured) => {
  const { archive: byHand } = synthesise({ archive: configured });
  byHand.resourceCountIs("AWS::Lambda::Function", 1);
  byHand.resourceCountIs("AWS::Scheduler::Schedule", 0);
});

test("the function may store files and their labels, and delete nothing", () => {
  const upload = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
  const allowed = allowedTo("ArchiveEventsFunctionRole", archive);
  expect(allowed).toMatchObject({
    "<ArchiveArn>/events/*": upload,
    "<ArchiveArn>/tables/*": upload,
    "<ArchiveArn>/refused/*": ["s3:AbortMultipartUpload", "s3:PutObject"],
    "<ArchiveArn>/labels/*": ["s3:GetObject", "s3:PutObject"],
    "<ArchiveArn>": ["s3:ListBucket"],
    "<ExchangeArn>/reports/*": ["s3:PutObject"],
  });
  expect(Object.values(allowed).flat().join()).not.toMatch(/Delete/);
});

test("the function may read no secret of a provider that has no files of events", () => {
  const provider = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
  const daily = {
    id: "11571157-0000-4000-8000-000000000001",
    source: { kind: "csv", uri: "s3://our-exports/daily.csv" },
  };
  const without = synthesise({ provider, lists: { daily }, archive: {} }).archive;
  const actionsOf = (template: Template) =>
    Object.values(allowedTo("ArchiveEventsFunctionRole", template)).flat().join();
  expect(actionsOf(archive)).toContain("secretsmanager:");
  expect(actionsOf(without)).not.toContain("secretsmanager:");
});

test("the console has events for what is due, a day and a range", () => {
  const { examples } = testEventsIn(archive).content.components;
  expect(Object.values(examples)).toEqual([
    { value: {} },
    { value: { date: "2018-02-15" } },
    { value: { date: "2018-02-15", events: ["nl_click"] } },
    { value: { date: "2018-02-15", events: ["nl_click"], accept: "0".repeat(64) } },
    { value: { from: "2018-02-01", to: "2018-02-28" } },
  ]);
  for (const { value } of Object.values<{ value: unknown }>(examples)) archiveEventSchema.parse(value);
});

describe("Athena", () => {
  const tables = Object.values(archive.findResources("AWS::Glue::Table")).map(
    ({ Properties }) => Properties.TableInput,
  );

  test("has a table for each configured event, and for no other", () => {
    expect(tables.map(({ Name }) => Name)).toEqual(Object.keys(eventColumns));
    const few = synthesise({ archive: { events: ["nl_unsubscribe"] } }).archive;
    few.resourceCountIs("AWS::Glue::Table", 1);
    const queries = Object.values(few.findResources("AWS::Athena::NamedQuery"));
    expect(queries.map(({ Properties }) => Properties.Name)).toEqual(["Yesterday's unsubscribes by cause"]);
  });

  test("finds a day's file where the archive puts it", () => {
    for (const { Name, Parameters, StorageDescriptor } of tables) {
      const folder = render(Parameters["storage.location.template"]).replace(/\$\{date\}/, "2018-02-15");
      expect(`s3://<Archive>/${tableKey(Name, "2018-02-15")}`.startsWith(folder)).toBe(true);
      expect(folder.endsWith("/")).toBe(true);
      expect(folder.startsWith(render(StorageDescriptor.Location))).toBe(true);
      expect(folder).not.toContain("/events/");
    }
  });

  test("derives every day that archive-events accepts, without being told of it", () => {
    expect(archiveEventSchema.safeParse({ date: "2000-01-01" }).success).toBe(true);
    expect(archiveEventSchema.safeParse({ date: "1999-12-31" }).success).toBe(false);
    for (const { Parameters, PartitionKeys } of tables) {
      expect(PartitionKeys).toMatchObject([{ Name: "date", Type: "string" }]);
      expect(Parameters).toMatchObject({
        "projection.enabled": "true",
        "projection.date.type": "date",
        "projection.date.format": "yyyy-MM-dd",
        "projection.date.range": "2000-01-01,NOW",
        "skip.header.line.count": "1",
      });
    }
  });

  test("has the documented columns in their order; the date is renamed, as the partition has its name", () => {
    const [clicks] = tables;
    expect(clicks.StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name).join()).toBe(
      "occurred_at,email,campaign_id,newsletter_id,email_list_id,target_id,target_url,target_position",
    );
    for (const { StorageDescriptor } of tables) {
      expect(StorageDescriptor.SerdeInfo.SerializationLibrary).toBe(
        "org.apache.hadoop.hive.serde2.OpenCSVSerde",
      );
      for (const { Type } of StorageDescriptor.Columns) expect(Type).toBe("string");
    }
  });

  test("keeps results in the archive, encrypted, whatever a client requests", () => {
    archive.hasResourceProperties("AWS::Athena::WorkGroup", {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: "SSE_S3" } },
      },
    });
    const [workgroup] = Object.values(archive.findResources("AWS::Athena::WorkGroup"));
    const { OutputLocation } = workgroup!["Properties"].WorkGroupConfiguration.ResultConfiguration;
    expect(render(OutputLocation)).toBe("s3://<Archive>/athena-results/");
  });

  test("counts in calendar days of the archive's time zone", () => {
    const { archive } = synthesise({ timeZone: "Europe/Berlin" });
    const queries = Object.values(archive.findResources("AWS::Athena::NamedQuery"));
    const compared = queries.flatMap(({ Properties }) =>
      [...Properties.QueryString.matchAll(/"date" >?= (.+)$/gm)].map(([, day]) => day),
    );
    const day = (ago: number) =>
      `CAST(date_add('day', -${ago}, CAST(current_timestamp AT TIME ZONE 'Europe/Berlin' AS date)) AS varchar)`;
    expect(compared.toSorted()).toEqual([day(1), day(30), day(30)]);
  });

  test("has queries of tables and columns that exist", () => {
    const queries = Object.values(archive.findResources("AWS::Athena::NamedQuery"));
    expect(queries).toHaveLength(2);
    for (const { Properties } of queries) {
      const columns = tables.flatMap(({ StorageDescriptor }) => StorageDescriptor.Columns.map(nameOf));
      for (const [, table] of Properties.QueryString.matchAll(/FROM (\w+)/g)) {
        expect(tables.map(nameOf)).toContain(table);
      }
      const [, grouped = ""] = /GROUP BY (.*)/.exec(Properties.QueryString) ?? [];
      for (const column of grouped.split(", ")) expect(columns).toContain(column);
    }
  });
});

function nameOf({ Name }: { Name: string }): string {
  return Name;
}
