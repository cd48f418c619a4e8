import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  DashboardVariable,
  DefaultValue,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Values,
  VariableInputType,
  VariableType,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { ScheduledJob } from "./scheduled-job.ts";

/** A line of a graph: the name of a figure in the log of a run, and what it is called. */
export type Line = readonly [figure: string, label: string];

/** Some figures of a job's runs over time. */
export interface FigureGraph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** "max" for what every run counts anew. @default "sum" */
  readonly statistic?: "sum" | "max";
}

export interface JobDashboardProps {
  readonly job: Pick<ScheduledJob, "function">;
  /** The names of the deployment's alarms. */
  readonly alarms: readonly string[];
  /** What the job works on: the names of its lists, of which a person chooses one to look at. */
  readonly subjects: readonly string[];
  /** The names of the job's figures for requests. */
  readonly requests: { readonly requestsSent: string; readonly requestsRetried: string };
  /** What the table of all lists shows, of the last run of each. */
  readonly latest: readonly Line[];
  /** The job's own graphs, of the list that is chosen. */
  readonly graphs: readonly FigureGraph[];
  /** What is not read from the log. @default nothing */
  readonly others?: readonly IWidget[];
}

/** Stands in the queries for the list that is chosen. */
const chosen = "CHOSEN-LIST";

/**
 * The last week of a job: whether anything is wrong, how all lists stand, and what the runs of one did. All of it is read
 * from the log when somebody looks: a metric of each list would cost more than all the rest.
 */
export class JobDashboard extends Construct {
  private readonly job: JobDashboardProps["job"];

  constructor(scope: Construct, id: string, props: JobDashboardProps) {
    super(scope, id);
    this.job = props.job;
    const { job, alarms, subjects, requests, latest, graphs, others = [] } = props;
    new Dashboard(this, "Dashboard", {
      defaultInterval: Duration.days(7),
      variables: subjects.length > 1 ? [chooseOf(subjects)] : [],
      widgets: [
        [
          new AlarmStatusWidget({
            title: "Alarms",
            alarms: alarms.map((name) => Alarm.fromAlarmName(this, name, name)),
            width: 24,
            height: 3,
          }),
        ],
        [this.table(latest)],
        [
          ...graphs,
          { title: "Longest run (ms)", lines: [["durationMs", "duration"]], statistic: "max" } as const,
          {
            title: "Requests to the provider",
            lines: [
              [requests.requestsSent, "sent"],
              [requests.requestsRetried, "retried"],
            ],
          } as const,
        ].map((graph) => this.graph(graph, subjects)),
        [
          graph("Runs that failed", [
            job.function.metricErrors({ period: Duration.hours(1), label: "failed" }),
          ]),
          ...others,
        ],
      ],
    });
  }

  /** How each list stands, by its last run. */
  private table(latest: readonly Line[]): LogQueryWidget {
    const columns = latest.map(([figure, label]) => `latest(${fieldOf(figure)}) as \`${label}\``);
    return this.query("All lists, by their last run", {
      width: 24,
      view: LogQueryVisualizationType.TABLE,
      queryLines: [
        "filter ispresent(summary)",
        `stats latest(@timestamp) as \`last run\`, latest(summary) as \`what it did\`, ${columns.join(", ")} by list`,
        "sort list",
      ],
    });
  }

  private graph(
    { title, lines, statistic = "sum" }: FigureGraph,
    subjects: readonly string[],
  ): LogQueryWidget {
    const columns = lines.map(([figure, label]) => `${statistic}(${fieldOf(figure)}) as \`${label}\``);
    const list = subjects.length > 1 ? chosen : subjects[0];
    return this.query(title, {
      width: 8,
      view: LogQueryVisualizationType.LINE,
      queryLines: [`filter list = "${list}"`, `stats ${columns.join(", ")} by bin(1h)`],
    });
  }

  private query(
    title: string,
    props: {
      readonly width: number;
      readonly view: LogQueryVisualizationType;
      readonly queryLines: string[];
    },
  ): LogQueryWidget {
    const logGroupNames = [this.job.function.logGroup.logGroupName];
    return new LogQueryWidget({ title, logGroupNames, height: 6, region: Stack.of(this).region, ...props });
  }
}

function chooseOf(subjects: readonly string[]): DashboardVariable {
  return new DashboardVariable({
    id: "list",
    label: "List",
    type: VariableType.PATTERN,
    value: chosen,
    inputType: VariableInputType.SELECT,
    values: Values.fromValues(...subjects.map((value) => ({ value }))),
    defaultValue: DefaultValue.value(subjects[0]),
  });
}

/** Where a figure stands in the line that a run logs at its end. */
function fieldOf(figure: string): string {
  if (figure === "durationMs") return figure;
  return /^\w+$/.test(figure) ? `figures.${figure}` : `\`figures.${figure}\``;
}

/** A third of a row. */
export function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6, leftYAxis: { min: 0 } });
}
