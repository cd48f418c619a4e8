import { propertiesOf, type ReadableTemplate, render } from "./template.ts";

// Metrics are written as "NewsletterSync list=daily service=sync-subscribers RowsSetAside".

/** The metrics in a function's log, from which CloudWatch extracts them. */
export function metricsIn(log: readonly string[]): Set<string> {
  const emitted = log.filter((line) => line.includes('"CloudWatchMetrics"')).map((line) => JSON.parse(line));
  return new Set(
    emitted.flatMap((entry) =>
      entry._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }: EmittedMetrics) =>
        Metrics.map(({ Name }) =>
          metricText(
            Namespace,
            Name,
            Dimensions.flat().map((name) => [name, entry[name]]),
          ),
        ),
      ),
    ),
  );
}

interface EmittedMetrics {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** The metrics that the queries of a template's alarms find, without the values of their dimensions. */
export function queriedMetrics(template: ReadableTemplate): Set<string> {
  const metrics = propertiesOf("AWS::CloudWatch::Alarm", template).flatMap(({ Metrics = [] }) => Metrics);
  return new Set(
    metrics.flatMap(({ Expression = "" }: { Expression?: string }) => {
      const [, name, schema] = /^SELECT SUM\("(\w+)"\) FROM SCHEMA\((.+?)\)/.exec(Expression) ?? [];
      return schema === undefined ? [] : [[...schema.replaceAll('"', "").split(", "), name].join(" ")];
    }),
  );
}

/** A metric without the values of its dimensions. */
export function schemaOf(metric: string): string {
  return metric.replaceAll(/=\S+/g, "");
}

/** The figures of the runs' logs that a template's dashboard reads. */
export function graphedFigures(template: ReadableTemplate): string[] {
  const [{ DashboardBody }] = propertiesOf("AWS::CloudWatch::Dashboard", template);
  return [...render(DashboardBody).matchAll(/figures\.([\w-]+)/g)].map(([, figure = ""]) => figure);
}

/** The metrics that a template's alarms compute with. */
export function alarmedMetrics(template: ReadableTemplate): string[] {
  const metrics = propertiesOf("AWS::CloudWatch::Alarm", template).flatMap(({ Metrics = [] }) => Metrics);
  return metrics.flatMap(({ MetricStat }) => {
    if (MetricStat === undefined) return [];
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    return [metricText(Namespace, MetricName, Dimensions.map(nameAndValue))];
  });
}

function metricText(namespace: string, name: string, dimensions: (readonly [string, unknown])[]): string {
  const sorted = dimensions.map(([dimension, value]) => `${dimension}=${value}`).toSorted();
  return [namespace, ...sorted, name].join(" ");
}

function nameAndValue({ Name, Value }: { Name: string; Value: unknown }): readonly [string, unknown] {
  return [Name, Value];
}
