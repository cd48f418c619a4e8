import { CfnOutput, Duration, type Size, Stack, TimeZone } from "aws-cdk-lib";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ScheduledEvent } from "../../functions/platform/scheduled-event.ts";
import type { Configuration, FunctionName } from "../config.ts";
import { nameIn } from "../environment.ts";
import { smallestGapMinutes } from "../schedule.ts";
import { grantKeys } from "./grants.ts";
import { JobFunction } from "./job-function.ts";
import { ScheduleRole } from "./schedule-role.ts";
import { TestEvents, type TestEventsProps } from "./test-events.ts";

/** What a schedule invokes. */
export interface ScheduledRun {
  /** What it works on: the name of a list. */
  readonly subject: string;
  readonly schedule: string;
  readonly event: object;
  /** Whether it only looks: nobody watches whether it happens. */
  readonly isPreview?: true;
}

export interface ScheduledJobProps {
  /** The job's folder under `functions/`. */
  readonly name: FunctionName;
  readonly configuration: Configuration;
  /** What is only known at deployment: the names of the buckets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What runs by schedule. Several are spread, one begins at its minute. */
  readonly runs: readonly ScheduledRun[];
  /** Events that a person can send from the console. */
  readonly testEvents: TestEventsProps["events"];
  /** Receives the events that failed or could not be delivered. */
  readonly deadLetters: IQueue;
  /** The size of /tmp. @default 512 MiB */
  readonly ephemeralStorage?: Size;
}

/** A function that runs by schedule, with its test events. Its alarms are those of the deployment. */
export class ScheduledJob extends Construct {
  /** Its name in logs and metrics: another one in each environment. */
  readonly name: string;
  readonly function: JobFunction;
  private readonly props: ScheduledJobProps;

  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    this.props = props;
    const { configuration, environment, deadLetters, ephemeralStorage } = props;
    this.name = nameIn(configuration.environment, props.name);
    this.function = new JobFunction(this, "Function", {
      name: props.name,
      configuration,
      environment,
      deadLetters,
      ...(ephemeralStorage && { ephemeralStorage }),
    });
    grantKeys(this.function, configuration);
    this.schedule(props.runs);
    new TestEvents(this, "TestEvents", { function: this.function, events: props.testEvents });
    new CfnOutput(Stack.of(this), `${id}Function`, { value: this.function.functionName });
  }

  private schedule(runs: readonly ScheduledRun[]): void {
    if (runs.length === 0) return;
    const role = new ScheduleRole(this, "ScheduleRole", this.props.configuration);
    for (const run of runs) this.scheduleRun(run, role);
  }

  private scheduleRun({ subject, schedule, event, isPreview }: ScheduledRun, role: ScheduleRole): void {
    const timeZone = TimeZone.of(this.props.configuration.timeZone);
    const input: ScheduledEvent = { ...event, scheduledAt: ContextAttribute.scheduledTime };
    new Schedule(this, `${isPreview ? "Preview" : "Schedule"}-${subject}`, {
      description: `${isPreview ? "Looks with" : "Runs"} ${this.name} for ${subject}`,
      schedule: ScheduleExpression.expression(schedule, timeZone),
      timeWindow: this.props.runs.length > 1 ? windowFor(schedule) : TimeWindow.off(),
      target: new LambdaInvoke(this.function, {
        input: ScheduleTargetInput.fromObject(input),
        role,
        deadLetterQueue: this.props.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }
}

const mostWindowMinutes = 15;

/**
 * Within how many minutes after its time EventBridge Scheduler may start a run, at a minute of its choice: so the lists of
 * one schedule do not all ask the provider and the database at once. At most a quarter of the time to the next run, which
 * must not begin before this one has had its turn.
 */
function windowFor(schedule: string): TimeWindow {
  const minutes = Math.min(mostWindowMinutes, Math.floor(smallestGapMinutes(schedule) / 4));
  return minutes < 1 ? TimeWindow.off() : TimeWindow.flexible(Duration.minutes(minutes));
}
