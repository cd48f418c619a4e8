import { metricNamespace } from "../../functions/platform/metric-names.ts";
import { propertiesOf, type ReadableTemplate, render } from "./template.ts";

// Metrics are written as "NewsletterSync list=daily service=sync-subscribers RunSucceeded".

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

/** The functions' metrics of one list that a template's alarms and graphs read. */
export function watchedMetrics(template: ReadableTemplate, subject: string): Set<string> {
  const alarms = propertiesOf("AWS::CloudWatch::Alarm", template).map(
    ({ Namespace, MetricName, Dimensions }) =>
      metricText(Namespace, MetricName, Dimensions.map(nameAndValue)),
  );
  const all = [...alarms, ...graphedMetrics(template)];
  return new Set(
    all.filter((metric) => metric.startsWith(`${metricNamespace} `) && metric.includes(`=${subject} `)),
  );
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

function graphedMetrics(template: ReadableTemplate): string[] {
  return propertiesOf("AWS::CloudWatch::Dashboard", template)
    .flatMap(({ DashboardBody }) => JSON.parse(render(DashboardBody)).widgets)
    .flatMap(({ properties }) => (properties.metrics ?? []) as string[][])
    .map((metric) => metric.filter((part) => typeof part === "string"))
    .map(([namespace = "", name = "", ...dimensions]) => metricText(namespace, name, pairs(dimensions)));
}

function metricText(namespace: string, name: string, dimensions: (readonly [string, unknown])[]): string {
  const sorted = dimensions.map(([dimension, value]) => `${dimension}=${value}`).toSorted();
  return [namespace, ...sorted, name].join(" ");
}

function nameAndValue({ Name, Value }: { Name: string; Value: unknown }): readonly [string, unknown] {
  return [Name, Value];
}

function pairs(parts: readonly string[]): [string, string][] {
  return parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? ""]] : []));
}
