import { Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncMetrics } from "../../functions/sync-subscribers/metrics.ts";
import { grantListing, grantLists, grantPrefixes } from "../constructs/grants.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import {
  alarmOnDiscrepancies,
  alarmOnQuarantine,
  alarmOnRefusedRows,
  scheduledRuns,
} from "../constructs/list-runs.ts";
import { runbookHeadings } from "../constructs/runbook.ts";
import { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The full diff: one function, and the schedules of the lists that have one. */
export class SyncStack extends Stack {
  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const lists = Object.keys(configuration.lists);
    const runs = scheduledRuns(configuration, "sync", (list): SyncEvent => ({ list, mode: "apply" }));
    const job = new ScheduledJob(this, "SyncSubscribers", {
      name: "sync-subscribers",
      configuration,
      environment: { EXCHANGE_BUCKET: exchangeBucket.bucketName },
      runs,
      testEvents: testEvents(lists),
      alarmTopic,
      harm: "Until a run succeeds, subscriptions and unsubscriptions in the database do not reach the provider.",
    });
    const { plans, quarantine, locks, memory, reports } = exchangePrefixes;
    grantPrefixes(job.function, exchangeBucket, {
      [plans]: "readAndWrite",
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
      requests: syncMetrics,
      rows: lists.flatMap((list) => listRows(job, list)),
    });
  }
}

function testEvents(lists: readonly string[]): Record<string, SyncEvent> {
  const events = lists.flatMap((list): [string, SyncEvent][] => [
    [`plan-${list}`, { list, mode: "plan" }],
    [`apply-${list}`, { list, mode: "apply" }],
    [`approve-a-plan-${list}`, { list, apply: "PLAN-ID", approve: ["unsubscribe"] }],
  ]);
  return Object.fromEntries(events);
}

/** Only for scheduled lists: a person who runs a list by hand sees the outcome. */
function addListAlarms(job: ScheduledJob, list: string): void {
  job.alarmOn(`PlanRefused-${list}`, {
    metric: job.metric(list, syncMetrics.planRefused),
    title: `${job.name}, ${list}: a plan was refused`,
    meaning:
      `A run would have changed more of ${list} than its limits allow. ` +
      "That part waits until a person has decided; everything else was sent.",
    heading: runbookHeadings.planRefused,
  });
  alarmOnQuarantine(job, list, {
    metric: syncMetrics.rowsQuarantined,
    harm: "what the database says of these readers was not sent.",
  });
  alarmOnRefusedRows(job, list, syncMetrics.rowsRefused);
  alarmOnDiscrepancies(job, list, syncMetrics.discrepancies);
}

/** The size of a list on both sides, what its runs change, and what they leave as it is, and why. */
function listRows(job: ScheduledJob, list: string): IWidget[][] {
  const latest = (metric: string, label: string) => job.metric(list, metric, { label, statistic: "Maximum" });
  const counted = (metric: string, label: string) => job.metric(list, metric, { label });
  return [
    [
      graph(
        `${list}: both sides`,
        [
          latest(syncMetrics.currentSubscribed, "subscribed at the provider"),
          latest(syncMetrics.desiredSubscribed, "subscribed in the database"),
        ],
        [
          latest(syncMetrics.currentUnsubscribed, "unsubscribed at the provider"),
          latest(syncMetrics.desiredUnsubscribed, "unsubscribed in the database"),
        ],
      ),
      graph(`${list}: planned changes, by kind`, [
        counted(syncMetrics.plannedSubscribe, "subscribe"),
        counted(syncMetrics.plannedResubscribe, "resubscribe"),
        counted(syncMetrics.plannedUpdate, "update"),
        counted(syncMetrics.plannedUnsubscribe, "unsubscribe"),
      ]),
      graph(
        `${list}: kept as the provider has them`,
        [
          latest(syncMetrics.keptSubscribed, "subscribed, against the database"),
          latest(syncMetrics.keptRefused, "refused within the last week"),
        ],
        [latest(syncMetrics.keptUnsubscribed, "unsubscribed, against the database")],
      ),
    ],
    [
      graph(
        `${list}: waiting for a person`,
        [latest(syncMetrics.changesWaiting, "changes that exceed a limit")],
        [counted(syncMetrics.planRefused, "plans refused")],
      ),
      graph(`${list}: refused and left undone`, [
        counted(syncMetrics.rowsQuarantined, "rows of the database in quarantine"),
        counted(syncMetrics.rowsRefused, "rows refused by the provider"),
        counted(syncMetrics.changesLeft, "changes left undone"),
        counted(syncMetrics.discrepancies, "discrepancies"),
      ]),
      graph(`${list}: age of the source (hours)`, [
        latest(syncMetrics.sourceAgeHours, "age when it was used"),
      ]),
    ],
  ];
}
