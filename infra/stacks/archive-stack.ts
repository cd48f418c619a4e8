import { CfnOutput, Size, Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ArchiveEvent } from "../../functions/archive-events/event.ts";
import { archivedRows, archiveMetrics, archiveSubject } from "../../functions/archive-events/metrics.ts";
import { archivePrefixes, exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { EventName } from "../../functions/providers/event-columns.ts";
import { hasEventFiles } from "../../functions/providers/provider-configuration.ts";
import { EventQueries } from "../constructs/event-queries.ts";
import { EventTables } from "../constructs/event-tables.ts";
import { grantListing, grantPrefixes, grantSecrets } from "../constructs/grants.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
import { runbookHeadings } from "../constructs/runbook.ts";
import { ScheduledJob } from "../constructs/scheduled-job.ts";
import { nameIn } from "../environment.ts";
import type { JobStackProps } from "./job-stack.ts";

export interface ArchiveStackProps extends JobStackProps {
  /** Where the events are kept. */
  readonly archiveBucket: AnyBucket;
}

/** The archive of the provider's events: one function, its schedule if there is one, and Athena's tables. */
export class ArchiveStack extends Stack {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: ArchiveStackProps) {
    const { configuration, archiveBucket, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const { archive, timeZone, provider } = configuration;
    const { events, schedule } = archive;
    const whatIsDue: ArchiveEvent = {};
    const job = new ScheduledJob(this, "ArchiveEvents", {
      name: "archive-events",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName, ARCHIVE_BUCKET: archiveBucket.bucketName },
      ephemeralStorage: Size.gibibytes(2),
      runs: schedule === undefined ? [] : [{ subject: archiveSubject, schedule, event: whatIsDue }],
      testEvents: testEvents(events),
      alarmTopic,
      harm: "Until a run succeeds, the events of the last days exist at the provider only, for as long as it keeps them.",
    });
    this.function = job.function;
    grantArchive(job.function, archiveBucket);
    grantPrefixes(job.function, exchangeBucket, { [exchangePrefixes.reports]: "write" });
    if (hasEventFiles(provider)) grantSecrets(job.function, [provider.secret]);
    addFileAlarms(job);
    new JobDashboard(this, "Dashboard", {
      job,
      subjects: [archiveSubject],
      requests: archiveMetrics,
      rows: [archiveRow(job, events)],
    });
    const { environment, kmsKeyArn } = configuration;
    const workgroup = nameIn(environment, "newsletter-events");
    // Hyphens would have to be quoted in every query.
    const database = nameIn(environment.replaceAll("-", "_"), "newsletter_events", "_");
    new EventTables(this, "Tables", { database, events, bucket: archiveBucket });
    new EventQueries(this, "Queries", {
      workgroup,
      database,
      events,
      bucket: archiveBucket,
      timeZone,
      kmsKeyArn,
    });
    new CfnOutput(this, "AthenaConsole", {
      description: `To query the events, with the workgroup ${workgroup}`,
      value: `https://${this.region}.console.aws.amazon.com/athena/home?region=${this.region}#/query-editor`,
    });
  }
}

function grantArchive(grantee: IFunction, bucket: AnyBucket): void {
  const { events, tables, refused, labels } = archivePrefixes;
  grantPrefixes(grantee, bucket, {
    [events]: "readAndUpload",
    [tables]: "readAndUpload",
    [refused]: "upload",
    [labels]: "readAndWrite",
  });
  grantListing(grantee, bucket);
}

function testEvents([event = "nl_click"]: readonly EventName[]): Record<string, ArchiveEvent> {
  return {
    "archive-what-is-due": {},
    "archive-a-day": { date: "2018-02-15" },
    "archive-a-day-of-one-event": { date: "2018-02-15", events: [event] },
    "accept-a-shorter-file": { date: "2018-02-15", events: [event], accept: "0".repeat(64) },
    "archive-a-range": { from: "2018-02-01", to: "2018-02-28" },
  };
}

function addFileAlarms(job: ScheduledJob): void {
  job.alarmOn("FilesFailed", {
    metric: job.metric(archiveSubject, archiveMetrics.filesFailed),
    title: `${job.name}: a day was not archived`,
    meaning:
      "A file of events arrived but was not stored: the archive may lack what readers did on that day.",
    heading: runbookHeadings.filesFailed,
  });
  // Every night asks again for what is missing, so only the last one tells of it: one mail for a lost day.
  job.alarmOn("FilesLost", {
    metric: job.metric(archiveSubject, archiveMetrics.filesLost),
    title: `${job.name}: an archive day is missing`,
    meaning:
      "No scheduled run asks again for an event's file of a day, and the archive has none: at best, only the provider knows what readers did.",
    heading: runbookHeadings.filesMissing,
  });
}

function archiveRow(job: ScheduledJob, events: readonly EventName[]): IWidget[] {
  const counted = (metric: string, label: string) => job.metric(archiveSubject, metric, { label });
  return [
    graph(
      "Rows archived, by event",
      events.map((event) => counted(archivedRows(event), event)),
    ),
    graph("Files stored", [counted(archiveMetrics.filesStored, "stored or replaced")]),
    graph("Files not in the archive", [
      counted(archiveMetrics.filesFailed, "failed"),
      counted(archiveMetrics.filesMissing, "missing"),
    ]),
  ];
}
