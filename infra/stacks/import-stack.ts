import { Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importMetrics } from "../../functions/import-subscribers/metrics.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { grantListing, grantLists, grantPrefixes } from "../constructs/grants.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import { alarmOnQuarantine, scheduledRuns } from "../constructs/list-runs.ts";
import { runbookHeadings } from "../constructs/runbook.ts";
import { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The diff, delivered as files that the provider fetches: one function, and the schedules of the lists that have one. */
export class ImportStack extends Stack {
  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const lists = Object.keys(configuration.lists);
    const runs = scheduledRuns(configuration, "import", (list): ImportEvent => ({ list }));
    const job = new ScheduledJob(this, "ImportSubscribers", {
      name: "import-subscribers",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      runs,
      testEvents: testEvents(lists),
      alarmTopic,
      harm: "Until a run succeeds, some of what the database says does not reach the provider.",
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
    for (const { subject } of runs) addListAlarms(job, subject);
    new JobDashboard(this, "Dashboard", {
      job,
      subjects: lists,
      requests: importMetrics,
      rows: lists.map((list) => listRow(job, list)),
    });
  }
}

function testEvents(lists: readonly string[]): Record<string, ImportEvent> {
  const events = lists.flatMap((list): [string, ImportEvent][] => [
    [`import-${list}`, { list }],
    [`import-${list}-dry-run`, { list, dryRun: true }],
    [`approve-an-import-${list}`, { list, apply: "PLAN-ID", approve: ["unsubscribe"] }],
  ]);
  return Object.fromEntries(events);
}

/** Only for scheduled lists: a person who runs a list by hand sees the outcome. */
function addListAlarms(job: ScheduledJob, list: string): void {
  job.alarmOn(`PlanRefused-${list}`, {
    metric: job.metric(list, importMetrics.planRefused),
    title: `${job.name}, ${list}: a plan was refused`,
    meaning:
      `A run would have changed more of ${list} than its limits allow. ` +
      "That part was not announced, and waits for a person; all else was.",
    heading: runbookHeadings.planRefused,
  });
  alarmOnQuarantine(job, list, {
    metric: importMetrics.rowsQuarantined,
    harm: "these readers were not imported.",
  });
}

function listRow(job: ScheduledJob, list: string): IWidget[] {
  const counted = (metric: string, label: string) => job.metric(list, metric, { label });
  return [
    graph(
      `${list}: imported`,
      [counted(importMetrics.importedRows, "rows")],
      [counted(importMetrics.importedFiles, "files")],
    ),
    graph(
      `${list}: refused and left undone`,
      [
        counted(importMetrics.rowsQuarantined, "rows in quarantine"),
        counted(importMetrics.changesLeft, "changes left undone"),
      ],
      [counted(importMetrics.planRefused, "plans refused")],
    ),
    graph(`${list}: imports that settled`, [counted(importMetrics.importSettled, "settled")]),
  ];
}
