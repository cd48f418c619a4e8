import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
  accountDimension,
  accountRequests,
  alarmedCounts,
  errorDimension,
  metricNamespace,
  runMetrics,
  subjectDimension,
} from "./metric-names.ts";

const alarmed: ReadonlySet<string> = new Set(Object.values(alarmedCounts));

/** A run of a function that has not succeeded for longer than its schedule allows for. */
export interface MissingRun {
  /** The function's name in metrics. */
  readonly service: string;
  readonly subject: string;
}

/** What CloudWatch is told of a function's runs: only what an alarm watches. */
export class RunMetrics {
  readonly #namespace = process.env["POWERTOOLS_METRICS_NAMESPACE"] ?? metricNamespace;
  readonly #metrics: Metrics;

  /** @param serviceName the function's name in metrics */
  constructor(serviceName: string) {
    this.#metrics = new Metrics({ namespace: this.#namespace, serviceName });
  }

  /** @param figures all that a run counted: those that no alarm watches are ignored, and so are zeros */
  count(subject: string, figures: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(figures)) {
      if (value !== 0 && alarmed.has(name)) this.#emit(name, value, { [subjectDimension]: subject });
    }
  }

  countFailure(subject: string, error: string): void {
    this.#emit(runMetrics.failed, 1, { [subjectDimension]: subject, [errorDimension]: error });
  }

  countMissing({ service, subject }: MissingRun): void {
    const metrics = new Metrics({ namespace: this.#namespace, serviceName: service, singleMetric: true });
    metrics.addDimension(subjectDimension, subject);
    metrics.addMetric(runMetrics.missing, MetricUnit.NoUnit, 1);
  }

  /** Not under the list: the requests of all lists of an account add up. */
  countRequests(account: string, requests: number): void {
    this.#emit(accountRequests, requests, { [accountDimension]: account });
  }

  #emit(name: string, value: number, dimensions: Readonly<Record<string, string>>): void {
    const metrics = this.#metrics.singleMetric();
    metrics.addDimensions(dimensions);
    metrics.addMetric(name, MetricUnit.NoUnit, value);
  }
}
