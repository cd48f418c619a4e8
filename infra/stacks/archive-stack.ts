import { CfnOutput, Size, Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ArchiveEvent } from "../../functions/archive-events/event.ts";
import { archivedRows, archiveMetrics, archiveSubject } from "../../functions/archive-events/metrics.ts";
import { archivePrefixes, exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { EventName } from "../../functions/providers/event-columns.ts";
import { hasEventFiles } from "../../functions/providers/provider-configuration.ts";
import { EventQueries } from "../constructs/event-queries.ts";
import { EventTables } from "../constructs/event-tables.ts";
import { grantEvents, grantListing, grantPrefixes, grantSecrets } from "../constructs/grants.ts";
import { type FigureGraph, JobDashboard, type Line } from "../constructs/job-dashboard.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
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
    const { configuration, archiveBucket, exchangeBucket, deadLetters, alarms, ...stackProps } = props;
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
      deadLetters,
    });
    this.function = job.function;
    grantArchive(job.function, archiveBucket);
    grantPrefixes(job.function, exchangeBucket, {
      [exchangePrefixes.reports]: "write",
      [exchangePrefixes.successes]: "readAndWrite",
    });
    grantListing(job.function, exchangeBucket);
    grantEvents(job.function, configuration);
    if (hasEventFiles(provider)) grantSecrets(job.function, [provider.secret]);
    new JobDashboard(this, "Dashboard", {
      job,
      alarms,
      subjects: [archiveSubject],
      requests: archiveMetrics,
      latest,
      graphs: graphsOf(events),
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

const latest: readonly Line[] = [
  [archiveMetrics.filesStored, "files stored"],
  [archiveMetrics.filesFailed, "failed"],
  [archiveMetrics.filesMissing, "missing"],
];

function graphsOf(events: readonly EventName[]): FigureGraph[] {
  return [
    { title: "Rows archived, by event", lines: events.map((event) => [archivedRows(event), event]) },
    { title: "Files stored", lines: [[archiveMetrics.filesStored, "stored or replaced"]] },
    {
      title: "Files not in the archive",
      lines: [
        [archiveMetrics.filesFailed, "failed"],
        [archiveMetrics.filesMissing, "missing"],
      ],
    },
  ];
}
