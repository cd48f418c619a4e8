import type { Construct } from "constructs";
import { historySecretVariable } from "../../functions/platform/environment.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { Configuration } from "../config.ts";
import { historySecretIn } from "../history-key.ts";
import { type Access, grantEvents, grantHistory, grantListing, grantLists, grantPrefixes } from "./grants.ts";
import type { AnyBucket } from "./kept-bucket.ts";
import { ScheduledJob, type ScheduledJobProps, type ScheduledRun } from "./scheduled-job.ts";

export interface ListJobProps extends Pick<ScheduledJobProps, "name" | "configuration" | "deadLetters"> {
  /** Holds what it plans, locks, remembers and reports. */
  readonly exchangeBucket: AnyBucket;
  /** Which of a list's schedules is its own. */
  readonly schedule: "sync" | "import";
  /** What the schedule sends for a list. */
  eventFor(list: string): object;
  /** What a list's preview sends. @default the job has none */
  previewFor?(list: string): object;
  /** Events that a person can send for a list from the console, by their names. */
  testEventsFor(list: string): Readonly<Record<string, object>>;
  /** What it may do where it stores its plans, by prefix. */
  readonly plans: Readonly<Record<string, Access>>;
}

/** A job that works on a list at a time: it reads both sides, plans, and keeps locks, memory and reports of the list. */
export class ListJob extends ScheduledJob {
  /** The names of all lists. */
  readonly lists: readonly string[];

  constructor(scope: Construct, id: string, props: ListJobProps) {
    const { exchangeBucket, eventFor, previewFor, testEventsFor, plans, schedule, ...scheduled } = props;
    const { configuration } = props;
    const lists = Object.keys(configuration.lists);
    super(scope, id, {
      ...scheduled,
      environment: {
        EXCHANGE_BUCKET: exchangeBucket.bucketName,
        [historySecretVariable]: historySecretIn(configuration.environment),
      },
      runs: [...scheduledRuns(configuration, schedule, eventFor), ...previews(configuration, previewFor)],
      testEvents: Object.fromEntries(lists.flatMap((list) => Object.entries(testEventsFor(list)))),
    });
    this.lists = lists;
    const { quarantine, locks, memory, approvals, reports, successes } = exchangePrefixes;
    grantPrefixes(this.function, exchangeBucket, {
      ...plans,
      [locks]: "readAndWrite",
      [memory]: "readAndWrite",
      [approvals]: "readAndWrite",
      [quarantine]: "write",
      [reports]: "write",
      [successes]: "readAndWrite",
    });
    grantListing(this.function, exchangeBucket);
    grantEvents(this.function, configuration);
    grantLists(this.function, configuration, exchangeBucket);
    grantHistory(this.function, configuration, exchangeBucket);
  }
}

function scheduledRuns(
  { lists }: Configuration,
  schedule: "sync" | "import",
  eventFor: (list: string) => object,
): ScheduledRun[] {
  return Object.entries(lists).flatMap(([list, { [schedule]: settings }]) =>
    settings?.schedule === undefined
      ? []
      : [{ subject: list, schedule: settings.schedule, event: eventFor(list) }],
  );
}

function previews({ lists }: Configuration, previewFor: ListJobProps["previewFor"]): ScheduledRun[] {
  if (previewFor === undefined) return [];
  return Object.entries(lists).flatMap(([list, { preview: schedule }]) =>
    schedule === undefined
      ? []
      : [{ subject: list, schedule, event: previewFor(list), isPreview: true as const }],
  );
}
