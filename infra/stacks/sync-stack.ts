import { Stack } from "aws-cdk-lib";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ListConfiguration } from "../../functions/configuration.ts";
import { exchangePrefixes, planTextKey } from "../../functions/platform/storage/object-keys.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncMetrics } from "../../functions/sync-subscribers/metrics.ts";
import { quotaGraph } from "../constructs/account-quota.ts";
import { grantReturns } from "../constructs/grants.ts";
import { graph, JobDashboard } from "../constructs/job-dashboard.ts";
import {
  alarmOnDiscrepancies,
  alarmOnQuarantine,
  alarmOnRefusedPlan,
  alarmOnRefusedRows,
  alarmOnReturnsNotTaken,
  notifyOfFirstPlan,
} from "../constructs/list-alarms.ts";
import { ListJob } from "../constructs/list-job.ts";
import type { ScheduledJob } from "../constructs/scheduled-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The full diff, in both directions: one function, and the schedules of the lists that have one. */
export class SyncStack extends Stack {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, alarmTopic, ...stackProps } = props;
    super(scope, id, stackProps);
    const returnsOf = (list: string) => configuration.lists[list]?.returns;
    const job = new ListJob(this, "SyncSubscribers", {
      name: "sync-subscribers",
      configuration,
      exchangeBucket,
      schedule: "sync",
      eventFor: (list): SyncEvent => ({ list, mode: "apply" }),
      testEventsFor: (list) => testEventsFor(list, returnsOf(list)),
      plans: { [exchangePrefixes.plans]: "readAndWrite" },
      alarmTopic,
      harm: "Until a run succeeds, subscriptions and unsubscriptions on one side do not reach the other.",
    });
    this.function = job.function;
    grantReturns(job.function, configuration, exchangeBucket);
    for (const list of job.scheduledLists) addAlarms(job, list, returnsOf(list));
    const quotas = quotaGraph(configuration);
    new JobDashboard(this, "Dashboard", {
      job,
      subjects: job.lists,
      requests: syncMetrics,
      rows: [...job.lists.flatMap((list) => listRows(job, list)), ...(quotas ? [[quotas]] : [])],
    });
  }
}

type Returns = ListConfiguration["returns"];

function testEventsFor(list: string, returns: Returns): Record<string, SyncEvent> {
  return {
    [`plan-${list}`]: { list, mode: "plan" },
    [`apply-${list}`]: { list, mode: "apply" },
    [`approve-a-plan-${list}`]: { list, apply: "PLAN-ID", approve: ["unsubscribe"] },
    ...(returns && {
      [`return-${list}`]: { list, mode: "return" },
      [`approve-the-returns-of-a-plan-${list}`]: { list, apply: "PLAN-ID", approve: ["return"] },
    }),
  };
}

function addAlarms(job: ScheduledJob, list: string, returns: Returns): void {
  notifyOfFirstPlan(job, list, syncMetrics.firstPlanWaits);
  alarmOnRefusedPlan(job, list, {
    metric: syncMetrics.planRefused,
    rest: "That part waits until a person has decided; everything else was sent.",
    text: planTextKey(list, "PLAN ID"),
  });
  alarmOnQuarantine(job, list, {
    metric: syncMetrics.rowsQuarantined,
    harm: "what the database says of these readers was not sent.",
  });
  alarmOnRefusedRows(job, list, syncMetrics.rowsRefused);
  alarmOnDiscrepancies(job, list, syncMetrics.discrepancies);
  // When files are loaded is up to the publisher.
  if (returns?.kind === "postgres") alarmOnReturnsNotTaken(job, list, syncMetrics.returnsNotTaken);
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
    returnsRow(job, list),
  ];
}

/** What the database is to be told, and how it takes it. */
function returnsRow(job: ScheduledJob, list: string): IWidget[] {
  const latest = (metric: string, label: string) => job.metric(list, metric, { label, statistic: "Maximum" });
  return [
    graph(`${list}: returns, by kind`, [
      latest(syncMetrics.returnsUnsubscribed, "unsubscribed"),
      latest(syncMetrics.returnsBounced, "bounced"),
      latest(syncMetrics.returnsSubscribed, "subscribed"),
      latest(syncMetrics.returnsUpdated, "updated"),
    ]),
    graph(
      `${list}: returns that the database took`,
      [job.metric(list, syncMetrics.returnsTaken, { label: "taken" })],
      [latest(syncMetrics.returnsNotTaken, "told three times or more, not taken")],
    ),
  ];
}
