import { Size, Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { importMetrics } from "../../functions/import-subscribers/metrics.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { grantListing, grantLists, grantPrefixes } from "../constructs/grants.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import { alarmOnQuarantine, scheduledRuns } from "../constructs/list-runs.ts";
import { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The import of whole lists as files: one function, and the schedules of the lists that have one. */
export class ImportStack extends Stack {
  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const lists = Object.keys(configuration.lists);
    const runs = scheduledRuns(configuration, "import", (list) => ({ list }));
    const job = new ScheduledJob(this, "ImportSubscribers", {
      name: "import-subscribers",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      ephemeralStorage: Size.gibibytes(2),
      runs,
      testEvents: testEvents(lists),
      alarmTopic,
      harm: "Until a run succeeds, the provider lacks the list's new readers.",
    });
    const { imports, quarantine, locks, memory, reports } = exchangePrefixes;
    grantPrefixes(job.function, exchangeBucket, {
      // Reading too: the provider fetches a file by a link that the function signs, and so with its rights.
      [imports]: "readAndUpload",
      [locks]: "readAndWrite",
      [memory]: "readAndWrite",
      [quarantine]: "write",
      [reports]: "write",
    });
    grantListing(job.function, exchangeBucket);
    grantLists(job.function, configuration);
    for (const { subject: list } of runs) {
      alarmOnQuarantine(job, list, {
        metric: importMetrics.rowsQuarantined,
        harm: "these readers were not imported.",
      });
    }
    new JobDashboard(this, "Dashboard", {
      job,
      subjects: lists,
      requests: importMetrics,
      rows: lists.map((list) => listRow(job, list)),
    });
  }
}

function testEvents(lists: readonly string[]): Record<string, object> {
  const events = lists.flatMap((list): [string, object][] => [
    [`import-${list}`, { list }],
    [`import-${list}-dry-run`, { list, dryRun: true }],
    [`approve-an-import-${list}`, { list, allowUnsubscribed: 500 }],
  ]);
  return Object.fromEntries(events);
}

function listRow(job: ScheduledJob, list: string): IWidget[] {
  const counted = (metric: string, label: string) => job.metric(list, metric, { label });
  return [
    graph(
      `${list}: imported`,
      [counted(importMetrics.importedRows, "rows")],
      [counted(importMetrics.importedFiles, "files")],
    ),
    graph(`${list}: set aside`, [counted(importMetrics.rowsQuarantined, "rows in quarantine")]),
    graph(`${list}: imports that settled`, [counted(importMetrics.importSettled, "settled")]),
  ];
}
