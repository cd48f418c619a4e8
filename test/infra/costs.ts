import { greatestGapHours } from "../../infra/schedule.ts";
import { listPrices } from "./list-prices.ts";
import type { Templates } from "./synthesise.ts";
import { propertiesOf, type ReadableTemplate, render } from "./template.ts";

/** What cannot be read from the templates. */
const assumed = {
  hoursAMonth: 730,
  /** In so many hours a month, a list has something to tell of each kind that an alarm watches: three days in which all goes wrong. */
  hoursTold: 73,
  /** How long a run takes: a list of 100,000 readers that is read whole. */
  secondsARun: 15,
  /** Plan, lock, memory, report, and the last success. */
  writesARun: 10,
  readsARun: 20,
  /** The lines of a run, and those by which Lambda begins and ends it. */
  logBytesARun: 6000,
} as const;

/** The dollars of a month, by what they are paid for. */
export type Costs = Readonly<
  Record<"metrics" | "alarms" | "dashboards" | "runs" | "storage" | "secrets" | "logs", number>
>;

/** Computes what a deployment costs a month, at list prices. */
export function monthlyCosts(templates: Templates): Costs {
  const all = Object.values<ReadableTemplate>({ ...templates });
  const alarms = all.flatMap((template) => propertiesOf("AWS::CloudWatch::Alarm", template));
  const jobs = [templates.sync, templates.import, templates.archive];
  const monthlyRuns = jobs.flatMap(runsOf);
  const runs = sumOf(monthlyRuns);
  const queries = alarms.filter(isQuery).length;
  const told =
    (queries * sumOf(monthlyRuns.map((times) => Math.min(times, assumed.hoursTold)))) / assumed.hoursAMonth;
  const named = alarms.filter((alarm) => !isQuery(alarm)).flatMap(metricsOf);
  const ours = new Set(named.filter((metric) => metric.includes("NewsletterSync")));
  const dashboards = all.flatMap((template) => propertiesOf("AWS::CloudWatch::Dashboard", template)).length;
  const { cloudWatch, s3, secret } = listPrices;
  const lookUps = monthlyRuns.length * assumed.hoursAMonth;
  return {
    metrics: (ours.size + told) * cloudWatch.customMetric,
    // A query that finds nothing counts as one that finds a metric.
    alarms: named.length * cloudWatch.alarmMetric + Math.max(told, queries) * cloudWatch.queriedAlarmMetric,
    dashboards: Math.max(0, dashboards - cloudWatch.freeDashboards) * cloudWatch.dashboard,
    runs: sumOf([...jobs, templates.watch].map(costOfRuns)),
    storage: runs * (assumed.writesARun * s3.write + assumed.readsARun * s3.read) + lookUps * s3.read,
    secrets: secretsOf(all).size * secret,
    logs: ((runs + assumed.hoursAMonth) * assumed.logBytesARun * cloudWatch.logsIngestedGb) / 1e9,
  };
}

export function totalOf(costs: Costs): number {
  return sumOf(Object.values(costs));
}

type Properties = ReturnType<typeof propertiesOf>[number];

function isQuery({ Metrics = [] }: Properties): boolean {
  return Metrics.some(({ Expression = "" }: { Expression?: string }) => Expression.startsWith("SELECT "));
}

function metricsOf({ Metrics, Namespace, MetricName, Dimensions }: Properties): string[] {
  if (Metrics === undefined) return [JSON.stringify([Namespace, MetricName, Dimensions])];
  return Metrics.flatMap(({ MetricStat }: Properties) =>
    MetricStat ? [JSON.stringify(MetricStat.Metric)] : [],
  );
}

/** How often each schedule of a stack runs in a month. */
function runsOf(template: ReadableTemplate): number[] {
  return propertiesOf("AWS::Scheduler::Schedule", template).map(
    ({ ScheduleExpression }) => assumed.hoursAMonth / greatestGapHours(ScheduleExpression),
  );
}

function costOfRuns(template: ReadableTemplate): number {
  const [fn] = propertiesOf("AWS::Lambda::Function", template);
  const { lambda, trace } = listPrices;
  const gbSeconds = (assumed.secondsARun * fn.MemorySize) / 1024;
  return sumOf(runsOf(template)) * (gbSeconds * lambda.arm64GbSecond + lambda.request + trace);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The secrets that are created, and those of the databases that the functions may read. */
function secretsOf(templates: readonly ReadableTemplate[]): Set<string> {
  const granted = templates
    .flatMap((template) => propertiesOf("AWS::IAM::Policy", template))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes("secretsmanager:GetSecretValue"))
    .flatMap(({ Resource }) => [Resource].flat().map(render));
  return new Set(granted);
}
