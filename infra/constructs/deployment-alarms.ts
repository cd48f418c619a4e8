import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import {
  alarmedCounts,
  errorDimension,
  metricNamespace,
  runMetrics,
  subjectDimension,
} from "../../functions/platform/metric-names.ts";
import { importTextKey, planTextKey } from "../../functions/platform/storage/object-keys.ts";
import { watchSubject } from "../../functions/watch-runs/metrics.ts";
import type { Configuration } from "../config.ts";
import { nameIn } from "../environment.ts";
import { QuotaAlarm, quotasIn } from "./account-quota.ts";
import { CountAlarm, countBy, type JobAlarmProps, SilenceAlarm } from "./job-alarm.ts";
import { type RunbookHeading, runbookHeadings } from "./runbook.ts";

export interface DeploymentAlarmsProps {
  readonly configuration: Configuration;
  readonly topic: ITopic;
  /** Of all functions. */
  readonly deadLetters: IQueue;
}

/** What a list's alarm says, whichever list it is. */
interface Told {
  readonly title: string;
  /** What it means for readers: one sentence. */
  readonly meaning: string;
  readonly heading: RunbookHeading;
}

/** How many hours without a look of watch-runs, which is due every hour, are worth a mail. */
const unwatchedHours = 3;

/** Where whoever gets a mail reads what waits. */
const planTexts = `${planTextKey("LIST", "PLAN")} (of an import, ${importTextKey("LIST", "PLAN")})`;

/**
 * All alarms of a deployment. None is of one list, or of one function: each watches all of them, and its mail names the one
 * that it is about.
 */
export class DeploymentAlarms extends Construct {
  /** Their names, in the order in which a person would look at them. */
  readonly names: string[] = [];
  private readonly props: DeploymentAlarmsProps;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: DeploymentAlarmsProps) {
    super(scope, id);
    this.props = props;
    const { configuration } = props;
    this.namespace = nameIn(configuration.environment, metricNamespace);
    this.alarmOnRuns();
    this.alarmOnLists();
    if (configuration.archive.schedule !== undefined) this.alarmOnLostDays();
    for (const quota of quotasIn(configuration)) {
      const shared = { topic: props.topic, runbook: configuration.runbookUrl };
      const title = `${nameIn(quota.environment, "provider")}, ${quota.account}: the day's requests are nearly used up`;
      new QuotaAlarm(this, `Quota ${quota.account}`, { ...quota, ...shared, title });
      this.names.push(title);
    }
  }

  /** That runs fail, cannot be delivered, or do not happen, and that nobody would notice. */
  private alarmOnRuns(): void {
    this.alarmBy([errorDimension, subjectDimension, "service"], "Failed", runMetrics.failed, {
      title: "a run failed",
      meaning:
        "A run failed, of the function and the list that this mail names under its attributes, with the error. Until one " +
        `succeeds, some of what one side says does not reach the other. Of an UnsafePlanError, ${planTexts} shows whom it ` +
        "is about, and why.",
      heading: runbookHeadings.runFailed,
    });
    this.count("DeadLettersLeft", {
      metric: this.props.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.hours(1) }),
      title: "dead letters",
      meaning:
        "An invocation failed, was ended by Lambda, or could not be delivered. Until a run succeeds, some of what one side " +
        "says does not reach the other.",
      heading: runbookHeadings.deadLetters,
      notifiesWhenOver: true,
    });
    this.alarmBy([subjectDimension, "service"], "Missing", runMetrics.missing, {
      title: "a run did not happen",
      meaning:
        "No run has succeeded for longer than its schedule allows for, of the function and the list that this mail names " +
        "under its attributes. Until one succeeds, some of what one side says does not reach the other.",
      heading: runbookHeadings.runMissing,
    });
    const props = this.described({
      title: "nobody watches the runs",
      meaning:
        "Whether runs happen has not been looked at for some hours: a run that is missing raises no alarm.",
      heading: runbookHeadings.unwatched,
    });
    const service = nameIn(this.props.configuration.environment, "watch-runs");
    const metric = this.metricOf(service, watchSubject, alarmedCounts.schedulesWatched);
    new SilenceAlarm(this, "Unwatched", { ...props, metric, hours: unwatchedHours });
  }

  private alarmOnLists(): void {
    const { lists } = this.props.configuration;
    this.alarmOnCount("FirstPlanWaits", alarmedCounts.firstPlanWaits, {
      title: "a first plan waits",
      meaning:
        "Nothing is wrong: nobody has approved a plan of the list that this mail names under its attributes, so its " +
        "schedules change nothing. The last report says what the plan would do and which event applies it, or what is " +
        `still missing; ${planTexts} shows whom it is about, and why.`,
      heading: runbookHeadings.firstPlanWaits,
    });
    this.alarmOnCount("RowsSetAside", alarmedCounts.rowsSetAside, {
      title: "rows in the quarantine",
      meaning:
        "Some rows of the list that this mail names under its attributes were set aside, as no provider would accept them " +
        "or this one refused them: these readers may get no newsletter, or one more. All others are in step.",
      heading: runbookHeadings.rowsQuarantined,
    });
    this.alarmOnCount("Discrepancies", alarmedCounts.discrepancies, {
      title: "counters do not add up",
      meaning:
        "The provider accepted changes to the list that this mail names under its attributes and counted something else " +
        "than was sent: some opt-outs may not have been recorded, and these readers still get the newsletter.",
      heading: runbookHeadings.discrepancies,
    });
    // When files are loaded is up to the publisher.
    if (Object.values(lists).every(({ returns }) => returns?.kind !== "postgres")) return;
    this.alarmOnCount("ReturnsNotTaken", alarmedCounts.returnsNotTaken, {
      title: "a database does not take returns",
      meaning:
        "Three runs or more told the database of the list that this mail names under its attributes what the same readers " +
        "did at the provider, and it still says otherwise: whatever else reads it may mail readers who left.",
      heading: runbookHeadings.returnsNotTaken,
    });
  }

  /** Every night asks again for what is missing, so only the last one tells of it: one mail for a lost day. */
  private alarmOnLostDays(): void {
    this.alarmOnCount("FilesLost", alarmedCounts.filesLost, {
      title: "an archive day is missing",
      meaning:
        "No scheduled run asks again for an event's file of a day, and the archive has none: at best, only the provider " +
        "knows what readers did.",
      heading: runbookHeadings.filesMissing,
    });
  }

  private alarmOnCount(id: string, name: string, told: Told): void {
    this.alarmBy([subjectDimension, "service"], id, name, told);
  }

  private alarmBy(dimensions: readonly string[], id: string, name: string, told: Told): void {
    this.count(id, { ...told, metric: countBy(dimensions, { namespace: this.namespace, name }) });
  }

  private count(
    id: string,
    {
      metric,
      notifiesWhenOver,
      ...told
    }: Told & Pick<JobAlarmProps, "metric"> & { notifiesWhenOver?: boolean },
  ): void {
    const props = { ...this.described(told), metric, ...(notifiesWhenOver && { notifiesWhenOver }) };
    new CountAlarm(this, id, props);
  }

  private described({ title, ...told }: Told) {
    const { configuration, topic } = this.props;
    const name = `${nameIn(configuration.environment, "newsletter-sync")}: ${title}`;
    this.names.push(name);
    return { ...told, title: name, topic, runbook: configuration.runbookUrl };
  }

  private metricOf(service: string, subject: string, metricName: string): Metric {
    return new Metric({
      namespace: this.namespace,
      metricName,
      dimensionsMap: { service, [subjectDimension]: subject },
      period: Duration.hours(1),
      statistic: "Sum",
    });
  }
}
