import { Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ListConfiguration } from "../../functions/configuration.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import { syncMetrics } from "../../functions/sync-subscribers/metrics.ts";
import { quotaGraph } from "../constructs/account-quota.ts";
import { grantReturns } from "../constructs/grants.ts";
import { type FigureGraph, JobDashboard, type Line } from "../constructs/job-dashboard.ts";
import { ListJob } from "../constructs/list-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The full diff, in both directions: one function, and the schedules of the lists that have one. */
export class SyncStack extends Stack {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, deadLetters, alarms, ...stackProps } = props;
    super(scope, id, stackProps);
    const returnsOf = (list: string) => configuration.lists[list]?.returns;
    const job = new ListJob(this, "SyncSubscribers", {
      name: "sync-subscribers",
      configuration,
      exchangeBucket,
      schedule: "sync",
      eventFor: (list): SyncEvent => ({ list, mode: "apply" }),
      previewFor: (list): SyncEvent => ({ list, mode: "plan" }),
      testEventsFor: (list) => testEventsFor(list, returnsOf(list)),
      plans: { [exchangePrefixes.plans]: "readAndWrite" },
      deadLetters,
    });
    this.function = job.function;
    grantReturns(job.function, configuration, exchangeBucket);
    const quotas = quotaGraph(configuration);
    new JobDashboard(this, "Dashboard", {
      job,
      alarms,
      subjects: job.lists,
      requests: syncMetrics,
      latest,
      graphs,
      ...(quotas && { others: [quotas] }),
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

/** How a list stands on both sides, and what waits. */
const latest: readonly Line[] = [
  [syncMetrics.currentSubscribed, "subscribed at the provider"],
  [syncMetrics.desiredSubscribed, "in the database"],
  [syncMetrics.changesApplied, "changes applied"],
  [syncMetrics.changesWaiting, "changes that wait"],
  [syncMetrics.changesLeft, "left undone"],
  [syncMetrics.rowsQuarantined, "rows in quarantine"],
  [syncMetrics.returnsNotTaken, "returns not taken"],
];

/** The size of a list on both sides, what its runs change, and what they leave as it is, and why. */
const graphs: readonly FigureGraph[] = [
  {
    title: "Subscribed, on both sides",
    statistic: "max",
    lines: [
      [syncMetrics.currentSubscribed, "at the provider"],
      [syncMetrics.desiredSubscribed, "in the database"],
    ],
  },
  {
    title: "Unsubscribed, on both sides",
    statistic: "max",
    lines: [
      [syncMetrics.currentUnsubscribed, "at the provider"],
      [syncMetrics.desiredUnsubscribed, "in the database"],
    ],
  },
  {
    title: "Planned changes, by kind",
    lines: [
      [syncMetrics.plannedSubscribe, "subscribe"],
      [syncMetrics.plannedResubscribe, "resubscribe"],
      [syncMetrics.plannedUpdate, "update"],
      [syncMetrics.plannedUnsubscribe, "unsubscribe"],
    ],
  },
  {
    title: "Kept as the provider has them",
    statistic: "max",
    lines: [
      [syncMetrics.keptSubscribed, "subscribed, against the database"],
      [syncMetrics.keptUnsubscribed, "unsubscribed, against the database"],
      [syncMetrics.keptRefused, "refused within the last week"],
    ],
  },
  {
    title: "Waiting for a person",
    statistic: "max",
    lines: [
      [syncMetrics.changesWaiting, "changes that exceed a limit"],
      [syncMetrics.planRefused, "plans refused"],
    ],
  },
  {
    title: "Refused and left undone",
    lines: [
      [syncMetrics.rowsQuarantined, "rows of the database in quarantine"],
      [syncMetrics.rowsRefused, "rows refused by the provider"],
      [syncMetrics.changesLeft, "changes left undone"],
      [syncMetrics.discrepancies, "discrepancies"],
    ],
  },
  {
    title: "Age of the source (hours)",
    statistic: "max",
    lines: [[syncMetrics.sourceAgeHours, "age when it was used"]],
  },
  {
    title: "Returns, by kind",
    statistic: "max",
    lines: [
      [syncMetrics.returnsUnsubscribed, "unsubscribed"],
      [syncMetrics.returnsBounced, "bounced"],
      [syncMetrics.returnsSubscribed, "subscribed"],
      [syncMetrics.returnsUpdated, "updated"],
    ],
  },
  {
    title: "Returns that the database took",
    lines: [
      [syncMetrics.returnsTaken, "taken"],
      [syncMetrics.returnsNotTaken, "told three times or more, not taken"],
    ],
  },
];
