import { Annotations, CfnOutput, Duration, type Size, Stack, TimeZone } from "aws-cdk-lib";
import type { Alarm, Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { runMetrics } from "../../functions/platform/metric-names.ts";
import type { ScheduledEvent } from "../../functions/platform/scheduled-event.ts";
import type { Configuration, FunctionName } from "../config.ts";
import { nameIn } from "../environment.ts";
import { greatestGapHours } from "../schedule.ts";
import { DeadLetters } from "./dead-letters.ts";
import { grantKeys } from "./grants.ts";
import { CountAlarm, type CountAlarmProps, SilenceAlarm, watchedHours } from "./job-alarm.ts";
import { JobFunction } from "./job-function.ts";
import { type JobMetricProps, jobMetric } from "./job-metric.ts";
import { runbookHeadings } from "./runbook.ts";
import { ScheduleRole } from "./schedule-role.ts";
import { TestEvents, type TestEventsProps } from "./test-events.ts";

/** What a schedule invokes. */
export interface ScheduledRun {
  /** What it works on, as in its metrics: the name of a list. */
  readonly subject: string;
  readonly schedule: string;
  readonly event: object;
}

export interface ScheduledJobProps {
  /** The job's folder under `functions/`. */
  readonly name: FunctionName;
  readonly configuration: Configuration;
  /** What is only known at deployment: the names of the buckets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What runs by schedule. */
  readonly runs: readonly ScheduledRun[];
  /** Events that a person can send from the console. */
  readonly testEvents: TestEventsProps["events"];
  /** Where its alarms are published. */
  readonly alarmTopic: ITopic;
  /** What a failed or missing run means for readers, as one sentence. */
  readonly harm: string;
  /** The size of /tmp. @default 512 MiB */
  readonly ephemeralStorage?: Size;
}

/** A function that runs by schedule, with its dead letters, alarms and test events. */
export class ScheduledJob extends Construct {
  /** Its name in alarms and metrics: another one in each environment. */
  readonly name: string;
  readonly function: JobFunction;
  /** In the order in which a person would look at them. */
  readonly alarms: Alarm[] = [];
  private readonly deadLetters: DeadLetters;
  private readonly props: ScheduledJobProps;

  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    this.props = props;
    const { configuration, environment, ephemeralStorage } = props;
    this.name = nameIn(configuration.environment, props.name);
    this.deadLetters = new DeadLetters(this, "DeadLetters", configuration);
    this.function = new JobFunction(this, "Function", {
      name: props.name,
      configuration,
      environment,
      deadLetters: this.deadLetters,
      ...(ephemeralStorage && { ephemeralStorage }),
    });
    grantKeys(this.function, configuration);
    this.alarmOnFailures();
    this.schedule(props.runs);
    this.alarmOnDeadLetters();
    new TestEvents(this, "TestEvents", { function: this.function, events: props.testEvents });
    new CfnOutput(Stack.of(this), `${id}Function`, { value: this.function.functionName });
  }

  /** A metric of this job for one of its lists. */
  metric(subject: string, metric: string, options: Pick<JobMetricProps, "label" | "statistic"> = {}): Metric {
    return jobMetric({ service: this.name, subject, metric, ...options });
  }

  /** Adds an alarm that fires if anything is counted. */
  alarmOn(id: string, props: Omit<CountAlarmProps, "topic" | "runbook">): void {
    this.alarms.push(new CountAlarm(this, id, { ...props, ...this.alarmProps() }));
  }

  private alarmProps() {
    return { topic: this.props.alarmTopic, runbook: this.props.configuration.runbookUrl };
  }

  /** By Lambda's own metric, which includes crashes and timeouts. */
  private alarmOnFailures(): void {
    this.alarmOn("Failed", {
      metric: this.function.metricErrors({ period: Duration.hours(1) }),
      title: `${this.name}: a run failed`,
      meaning: `A run of ${this.name} failed. ${this.props.harm}`,
      heading: runbookHeadings.runFailed,
    });
  }

  private schedule(runs: readonly ScheduledRun[]): void {
    if (runs.length === 0) return;
    const role = new ScheduleRole(this, "ScheduleRole", this.props.configuration);
    for (const run of runs) {
      this.scheduleRun(run, role);
      this.alarmOnSilence(run);
    }
  }

  private scheduleRun({ subject, schedule, event }: ScheduledRun, role: ScheduleRole): void {
    const timeZone = TimeZone.of(this.props.configuration.timeZone);
    const input: ScheduledEvent = { ...event, scheduledAt: ContextAttribute.scheduledTime };
    new Schedule(this, `Schedule-${subject}`, {
      description: `Runs ${this.name} for ${subject}`,
      schedule: ScheduleExpression.expression(schedule, timeZone),
      target: new LambdaInvoke(this.function, {
        input: ScheduleTargetInput.fromObject(input),
        role,
        deadLetterQueue: this.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }

  private alarmOnSilence({ subject, schedule }: ScheduledRun): void {
    const hours = watchedHours(greatestGapHours(schedule));
    if (hours === undefined) {
      const problem = `CloudWatch cannot notice when ${this.name} for ${subject} no longer runs`;
      const reason = `it looks back a week, and ${schedule} is rarer; docs/runbook.md says how to check`;
      Annotations.of(this).addWarningV2(`newsletter-sync:unwatched-${subject}`, `${problem}: ${reason}.`);
      return;
    }
    const alarm = new SilenceAlarm(this, `Silent-${subject}`, {
      metric: this.metric(subject, runMetrics.succeeded),
      title: `${this.name}, ${subject}: a run did not happen`,
      meaning: `No run of ${this.name} for ${subject} has succeeded for ${hours} hours. ${this.props.harm}`,
      heading: runbookHeadings.runMissing,
      hours,
      ...this.alarmProps(),
    });
    this.alarms.push(alarm);
  }

  private alarmOnDeadLetters(): void {
    this.alarmOn("DeadLettersLeft", {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.hours(1) }),
      title: `${this.name}: dead letters`,
      meaning: `An invocation of ${this.name} failed or could not be delivered. ${this.props.harm}`,
      heading: runbookHeadings.deadLetters,
      notifiesWhenOver: true,
    });
  }
}
