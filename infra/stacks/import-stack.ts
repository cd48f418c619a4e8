import { Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importMetrics } from "../../functions/import-subscribers/metrics.ts";
import { exchangePrefixes, importTextKey } from "../../functions/platform/storage/object-keys.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import { alarmOnQuarantine, alarmOnRefusedPlan, notifyOfFirstPlan } from "../constructs/list-alarms.ts";
import { ListJob } from "../constructs/list-job.ts";
import type { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The diff, delivered as files that the provider fetches: one function, and the schedules of the lists that have one. */
export class ImportStack extends Stack {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const job = new ListJob(this, "ImportSubscribers", {
      name: "import-subscribers",
      configuration,
      exchangeBucket,
      schedule: "import",
      eventFor: (list): ImportEvent => ({ list }),
      testEventsFor,
      // Reading too: the provider fetches a file by a link that the function signs, and so with its rights.
      plans: { [exchangePrefixes.imports]: "readAndUpload" },
      alarmTopic,
      harm: "Until a run succeeds, some of what the database says does not reach the provider.",
    });
    this.function = job.function;
    for (const list of job.scheduledLists) addAlarms(job, list);
    new JobDashboard(this, "Dashboard", {
      job,
      subjects: job.lists,
      requests: importMetrics,
      rows: job.lists.map((list) => listRow(job, list)),
    });
  }
}

function testEventsFor(list: string): Record<string, ImportEvent> {
  return {
    [`import-${list}`]: { list },
    [`import-${list}-dry-run`]: { list, dryRun: true },
    [`approve-an-import-${list}`]: { list, apply: "PLAN-ID", approve: ["unsubscribe"] },
  };
}

function addAlarms(job: ScheduledJob, list: string): void {
  notifyOfFirstPlan(job, list, importMetrics.firstPlanWaits);
  alarmOnRefusedPlan(job, list, {
    metric: importMetrics.planRefused,
    rest: "That part was not announced, and waits for a person; all else was.",
    text: importTextKey(list, "PLAN ID"),
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
