import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type * as z from "zod";
import { InvalidEventError, NewsletterSyncError } from "../domain/errors.ts";
import { nameOf, UnforeseenError } from "../domain/unforeseen-error.ts";
import { describeError } from "./describe-error.ts";
import { describeIssue, tellKnownFields } from "./describe-issue.ts";
import { fitAnswer } from "./fit-answer.ts";
import {
  accountDimension,
  accountRequests,
  metricNamespace,
  runMetrics,
  subjectDimension,
} from "./metric-names.ts";
import type { Run } from "./run.ts";
import type { Failure } from "./run-summary.ts";
import { startRun } from "./start-run.ts";
import { type StartedBy, startedBy } from "./started-by.ts";
import { reportKey } from "./storage/object-keys.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** A job, and what its handler needs to know about it. */
export interface JobDefinition<Event extends object, Dependencies extends { store: ObjectStore }, Report> {
  readonly name: string;
  readonly event: { readonly schema: z.ZodType<Event>; readonly good: object };
  /** Called on the first invocation, and again after a failed one, as a credential may have been renewed. */
  buildDependencies(): Promise<Dependencies>;
  /** What the run works on, for its metrics and the key of its report: usually a list's name. */
  subjectOf(event: Event): string;
  /**
   * Whether the schedule could have sent the event. Only then does a success count: a run started by hand must not
   * silence the alarm for missing runs. Nor does one that had nothing to work with, as its report says.
   */
  isRoutine(event: Event, report: Partial<Report>): boolean;
  metricsOf(report: Partial<Report>, now: Date): Readonly<Record<string, number>>;
  /** What the run took of an account's daily quota of requests. @default no account has one */
  quotaUseOf?(
    event: Event,
    dependencies: Dependencies,
    report: Partial<Report>,
  ): { readonly account: string; readonly requests: number } | undefined;
  /** What the run did and what waits for whom, in one line that holds no address. */
  summarise(report: Partial<Report>, failure?: Failure): string;
  run(event: Event, dependencies: Dependencies, run: Run<Report>): Promise<void>;
}

/**
 * Creates the Lambda handler of a job. It validates the event, builds the dependencies once, and stores and measures
 * the report whether the run succeeds or fails. Errors of ours are rethrown unchanged; any other becomes an
 * UnforeseenError, as Lambda shows the message of what is thrown.
 */
export function createHandler<Event extends object, Dependencies extends { store: ObjectStore }, Report>(
  job: JobDefinition<Event, Dependencies, Report>,
) {
  const logger = new Logger({ serviceName: serviceNameOf(job) });
  const invocations = new Invocations(job, logger);
  return middy<unknown, Concluded<Report>>()
    .use(injectLambdaContext(logger))
    .before((request) => {
      request.event = parseEvent(job, request.event);
    })
    .handler((event, context) => invocations.invoke(event as Event, context));
}

/** The invocations of a job in one Lambda environment, one after the other. */
class Invocations<Event extends object, Dependencies extends { store: ObjectStore }, Report> {
  readonly #job: JobDefinition<Event, Dependencies, Report>;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  #dependencies: Promise<Dependencies> | undefined;

  constructor(job: JobDefinition<Event, Dependencies, Report>, logger: Logger) {
    this.#job = job;
    this.#logger = logger;
    this.#metrics = new Metrics({ namespace: metricNamespace, serviceName: serviceNameOf(job) });
  }

  async invoke(event: Event, context: Context): Promise<Concluded<Report>> {
    const { run, end } = startRun<Report>(context, this.#logger);
    let failure: NewsletterSyncError | undefined;
    try {
      this.#dependencies ??= this.#job.buildDependencies();
      await this.#job.run(event, await this.#dependencies, run);
    } catch (error) {
      failure = error instanceof NewsletterSyncError ? error : new UnforeseenError(error);
    }
    end();
    const told = await this.#conclude(event, run, failure);
    if (failure === undefined) return { ...told, startedBy: startedBy(event), ...fitAnswer(run.report) };
    this.#dependencies = undefined;
    throw failure;
  }

  /** Measures the run, logs its summary, and stores its report: S3 may take longer than the function has. */
  async #conclude(event: Event, run: Run<Report>, failure?: NewsletterSyncError): Promise<Told> {
    const job = this.#job;
    const logger = this.#logger;
    // A name that the configuration does not know must become neither a metric's dimension nor a key.
    const isKnown = !(failure instanceof InvalidEventError);
    const subject = isKnown ? job.subjectOf(event) : "unknown";
    this.#measure(event, { run, subject, hasFailed: failure !== undefined });
    if (isKnown) await this.#measureQuota(event, run);
    const outcome = failure === undefined ? "succeeded" : "failed";
    const error = failure && { name: failure.name, message: failure.message, actor: failure.actor };
    const summary = `${isKnown ? `${subject}: ` : ""}${job.summarise(run.report, error)}`;
    const key = reportKey(job.name, subject, run.id);
    const told = { summary, report: key };
    if (failure === undefined) logger.info("run succeeded", { run: run.id, ...told });
    else logger.error("run failed", { run: run.id, ...told, error: describeError(failure) });
    const report = { run: run.id, outcome, summary, startedBy: startedBy(event), error, ...run.report };
    const stored = Buffer.from(JSON.stringify(report, null, 2));
    await this.#dependencies
      ?.then(({ store }) => store.put(key, stored))
      .catch((cause: unknown) => logger.warn("the report could not be stored", { reason: nameOf(cause) }));
    return told;
  }

  #measure(
    event: Event,
    { run, subject, hasFailed }: { run: Run<Report>; subject: string; hasFailed: boolean },
  ): void {
    const job = this.#job;
    const metrics = this.#metrics;
    metrics.addDimension(subjectDimension, subject);
    if (hasFailed || job.isRoutine(event, run.report)) {
      metrics.addMetric(hasFailed ? runMetrics.failed : runMetrics.succeeded, MetricUnit.Count, 1);
    }
    const durationMs = run.now().getTime() - run.startedAt.getTime();
    metrics.addMetric(runMetrics.duration, MetricUnit.Milliseconds, durationMs);
    for (const [name, value] of Object.entries(job.metricsOf(run.report, run.now()))) {
      metrics.addMetric(name, MetricUnit.NoUnit, value);
    }
    metrics.publishStoredMetrics();
  }

  async #measureQuota(event: Event, run: Run<Report>): Promise<void> {
    const dependencies = await this.#dependencies?.catch(() => undefined);
    const used = dependencies && this.#job.quotaUseOf?.(event, dependencies, run.report);
    if (used === undefined) return;
    // Not under the list: the metrics of all lists add up.
    const metrics = this.#metrics.singleMetric();
    metrics.addDimension(accountDimension, used.account);
    metrics.addMetric(accountRequests, MetricUnit.NoUnit, used.requests);
  }
}

/** What the log says of a run that is over: a line of it holds the summary, and the bucket the report. */
interface Told {
  readonly summary: string;
  /** The key of the stored report. */
  readonly report: string;
}

/** What a function answers: its report, as far as it fits, with the summary. */
type Concluded<Report> = Partial<Report> & Told & { readonly startedBy: StartedBy };

/** In AWS, the name of the environment may stand before it. */
function serviceNameOf({ name }: { readonly name: string }): string {
  return process.env["POWERTOOLS_SERVICE_NAME"] ?? name;
}

function parseEvent<Event>(
  { event }: { event: { schema: z.ZodType<Event>; good: object } },
  received: unknown,
): Event {
  const parsed = event.schema.safeParse(received, tellKnownFields);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(describeIssue);
  throw new InvalidEventError(`the event is not right: ${problems.join("; ")}`, event.good);
}
