import { Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importMetrics } from "../../functions/import-subscribers/metrics.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { type FigureGraph, JobDashboard, type Line } from "../constructs/job-dashboard.ts";
import { ListJob } from "../constructs/list-job.ts";
import type { JobStackProps } from "./job-stack.ts";

/** The diff, delivered as files that the provider fetches: one function, and the schedules of the lists that have one. */
export class ImportStack extends Stack {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: JobStackProps) {
    const { configuration, exchangeBucket, deadLetters, alarms, ...stackProps } = props;
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
      deadLetters,
    });
    this.function = job.function;
    new JobDashboard(this, "Dashboard", {
      job,
      alarms,
      subjects: job.lists,
      requests: importMetrics,
      latest,
      graphs,
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

const latest: readonly Line[] = [
  [importMetrics.importedRows, "rows imported"],
  [importMetrics.rowsQuarantined, "rows in quarantine"],
  [importMetrics.changesLeft, "left undone"],
  [importMetrics.planRefused, "plans refused"],
];

const graphs: readonly FigureGraph[] = [
  {
    title: "Imported",
    lines: [
      [importMetrics.importedRows, "rows"],
      [importMetrics.importedFiles, "files"],
    ],
  },
  {
    title: "Refused and left undone",
    lines: [
      [importMetrics.rowsQuarantined, "rows in quarantine"],
      [importMetrics.changesLeft, "changes left undone"],
      [importMetrics.planRefused, "plans refused"],
    ],
  },
  { title: "Imports that settled", lines: [[importMetrics.importSettled, "settled"]] },
];
