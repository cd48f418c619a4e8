import { Annotations, CfnOutput, Duration, type Size, Stack, TimeZone } from "aws-cdk-lib";
import type { Alarm, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { runMetrics } from "../../functions/platform/metric-names.ts";
import type { Configuration, FunctionName } from "../config.ts";
import { greatestGapHours } from "../schedule.ts";
import { CountAlarm, type JobAlarmProps, SilenceAlarm, watchedHours } from "./job-alarm.ts";
import { JobFunction } from "./job-function.ts";
import { type JobMetricProps, jobMetric } from "./job-metric.ts";
import { runbookHeadings } from "./runbook.ts";
import { TestEvents, type TestEventsProps } from "./test-events.ts";

/** One invocation that a schedule makes. */
export interface ScheduledRun {
  /** What it works on: a list's name, or whatever its metrics say. */
  readonly subject: string;
  readonly schedule: string;
  readonly event: object;
}

export interface ScheduledJobProps {
  /** The job's folder under `functions/`. */
  readonly name: FunctionName;
  readonly configuration: Configuration;
  /** What is known at deployment only: the buckets' names. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the job does by itself. */
  readonly runs: readonly ScheduledRun[];
  /** What a person may have it do from the console. */
  readonly testEvents: TestEventsProps["events"];
  /** Who is told when something is wrong. */
  readonly alarmTopic: ITopic;
  /** What a failed or missing run means for readers: one sentence. */
  readonly harm: string;
  /** What the function may write to /tmp. @default 512 MiB */
  readonly ephemeralStorage?: Size;
}

/** A function that runs by itself: its schedules, where its failures end up, and who hears of them. */
export class ScheduledJob extends Construct {
  readonly name: FunctionName;
  readonly function: JobFunction;
  /** In the order in which a person would ask. */
  readonly alarms: Alarm[] = [];
  private readonly deadLetters: Queue;
  private readonly props: ScheduledJobProps;

  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    this.props = props;
    this.name = props.name;
    this.deadLetters = new Queue(this, "DeadLetters", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const { name, configuration, environment, ephemeralStorage } = props;
    this.function = new JobFunction(this, "Function", {
      name,
      configuration,
      environment,
      deadLetters: this.deadLetters,
      ...(ephemeralStorage && { ephemeralStorage }),
    });
    this.alarmOnFailures();
    for (const run of props.runs) {
      this.scheduleRun(run);
      this.alarmOnSilence(run);
    }
    this.alarmOnDeadLetters();
    new TestEvents(this, "TestEvents", { function: this.function, events: props.testEvents });
    new CfnOutput(Stack.of(this), `${id}Function`, { value: this.function.functionName });
  }

  /** What this job measures of a list, or of what else it works on. */
  metric(subject: string, metric: string, options: Pick<JobMetricProps, "label" | "statistic"> = {}): Metric {
    return jobMetric({ name: this.name, subject, metric, ...options });
  }

  /** Tells when this was counted, which should not be there. */
  alarmOn(id: string, props: Omit<JobAlarmProps, "topic" | "runbook"> & { tellsWhenOver?: boolean }): void {
    this.alarms.push(new CountAlarm(this, id, { ...props, ...this.place() }));
  }

  private place() {
    return { topic: this.props.alarmTopic, runbook: this.props.configuration.runbookUrl };
  }

  /** Lambda counts crashes and time-outs too, of which the function itself can tell nothing. */
  private alarmOnFailures(): void {
    this.alarmOn("Failed", {
      metric: this.function.metricErrors({ period: Duration.hours(1) }),
      title: `${this.name}: a run failed`,
      meaning: `A run of ${this.name} failed. ${this.props.harm}`,
      heading: runbookHeadings.runFailed,
    });
  }

  private scheduleRun({ subject, schedule, event }: ScheduledRun): void {
    const timeZone = TimeZone.of(this.props.configuration.timeZone);
    new Schedule(this, `Schedule-${subject}`, {
      description: `Runs ${this.name} for ${subject}`,
      schedule: ScheduleExpression.expression(schedule, timeZone),
      target: new LambdaInvoke(this.function, {
        input: ScheduleTargetInput.fromObject(event),
        deadLetterQueue: this.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }

  private alarmOnSilence({ subject, schedule }: ScheduledRun): void {
    const hours = watchedHours(greatestGapHours(schedule));
    if (hours === undefined) {
      const problem = `CloudWatch can not tell when ${this.name} for ${subject} stops running by itself`;
      const reason = `it looks back a week, and ${schedule} is rarer: docs/runbook.md says how to look`;
      Annotations.of(this).addWarningV2(`newsletter-sync:unwatched-${subject}`, `${problem}: ${reason}.`);
      return;
    }
    const alarm = new SilenceAlarm(this, `Silent-${subject}`, {
      metric: this.metric(subject, runMetrics.succeeded),
      title: `${this.name}, ${subject}: a run did not happen`,
      meaning: `No run of ${this.name} for ${subject} has succeeded for ${hours} hours. ${this.props.harm}`,
      heading: runbookHeadings.runMissing,
      hours,
      ...this.place(),
    });
    this.alarms.push(alarm);
  }

  private alarmOnDeadLetters(): void {
    this.alarmOn("DeadLettersLeft", {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.hours(1) }),
      title: `${this.name}: dead letters`,
      meaning: `An invocation of ${this.name} failed, or never reached it. ${this.props.harm}`,
      heading: runbookHeadings.deadLetters,
      tellsWhenOver: true,
    });
  }
}
