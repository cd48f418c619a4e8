import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type * as z from "zod";
import { InvalidEventError, NewsletterSyncError } from "../domain/errors.ts";
import { nameOf, UnforeseenError } from "../domain/unforeseen-error.ts";
import { describeError } from "./describe-error.ts";
import { metricNamespace, runMetrics, subjectDimension } from "./metric-names.ts";
import type { Run } from "./run.ts";
import { startRun } from "./start-run.ts";
import { reportKey } from "./storage/object-keys.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** A job, and what its handler needs to know about it. */
export interface JobDefinition<Event, Dependencies extends { store: ObjectStore }, Report> {
  readonly name: string;
  readonly event: { readonly schema: z.ZodType<Event>; readonly good: object };
  /** Called on the first invocation, and again after a failed one, as a credential may have been renewed. */
  buildDependencies(): Promise<Dependencies>;
  /** What the run works on, for its metrics and the key of its report: usually a list's name. */
  subjectOf(event: Event): string;
  /**
   * Whether the schedule could have sent the event. Only then does a success count: a run started by hand must not
   * silence the alarm for missing runs.
   */
  isRoutine(event: Event): boolean;
  metricsOf(report: Partial<Report>, now: Date): Readonly<Record<string, number>>;
  run(event: Event, dependencies: Dependencies, run: Run<Report>): Promise<void>;
}

/**
 * Creates the Lambda handler of a job. It validates the event, builds the dependencies once, and stores and measures
 * the report whether the run succeeds or fails. Errors of ours are rethrown unchanged; any other becomes an
 * UnforeseenError, as Lambda shows the message of what is thrown.
 */
export function createHandler<Event, Dependencies extends { store: ObjectStore }, Report>(
  job: JobDefinition<Event, Dependencies, Report>,
) {
  const logger = new Logger({ serviceName: job.name });
  const metrics = new Metrics({
    namespace: metricNamespace,
    serviceName: job.name,
  });
  let dependencies: Promise<Dependencies> | undefined;

  async function invoke(event: Event, context: Context): Promise<Partial<Report>> {
    const { run, end } = startRun<Report>(context, logger);
    let failure: NewsletterSyncError | undefined;
    try {
      dependencies ??= job.buildDependencies();
      await job.run(event, await dependencies, run);
      return run.report;
    } catch (error) {
      failure = error instanceof NewsletterSyncError ? error : new UnforeseenError(error);
      throw failure;
    } finally {
      end();
      await conclude(event, run, failure);
      if (failure !== undefined) dependencies = undefined;
    }
  }

  async function conclude(
    event: Event,
    run: Run<Report>,
    failure: NewsletterSyncError | undefined,
  ): Promise<void> {
    // A name that the configuration does not know must become neither a metric's dimension nor a key.
    const subject = failure instanceof InvalidEventError ? "unknown" : job.subjectOf(event);
    const outcome = failure === undefined ? "succeeded" : "failed";
    const error = failure && { name: failure.name, message: failure.message, actor: failure.actor };
    metrics.addDimension(subjectDimension, subject);
    if (failure !== undefined || job.isRoutine(event)) {
      metrics.addMetric(runMetrics[outcome], MetricUnit.Count, 1);
    }
    metrics.addMetric(
      runMetrics.duration,
      MetricUnit.Milliseconds,
      run.now().getTime() - run.startedAt.getTime(),
    );
    for (const [name, value] of Object.entries(job.metricsOf(run.report, run.now()))) {
      metrics.addMetric(name, MetricUnit.NoUnit, value);
    }
    metrics.publishStoredMetrics();
    if (error === undefined) logger.info("run succeeded", { run: run.id, report: run.report });
    else logger.error("run failed", { run: run.id, error, report: run.report });
    const stored = Buffer.from(JSON.stringify({ run: run.id, outcome, error, ...run.report }, null, 2));
    await dependencies
      ?.then(({ store }) => store.put(reportKey(job.name, subject, run.id), stored))
      .catch((cause: unknown) => logger.warn("the report could not be stored", { reason: nameOf(cause) }));
  }

  return middy<unknown, Partial<Report>>()
    .use(injectLambdaContext(logger))
    .before((request) => {
      request.event = parseEvent(job, request.event);
    })
    .onError(({ error }) => logger.error("the invocation failed", { error: describeError(error) }))
    .handler((event, context) => invoke(event as Event, context));
}

function parseEvent<Event>(
  { event }: { event: { schema: z.ZodType<Event>; good: object } },
  received: unknown,
): Event {
  const parsed = event.schema.safeParse(received);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(describeIssue);
  throw new InvalidEventError(`the event is not right: ${problems.join("; ")}`, event.good);
}

/** Names the field and what was expected there, never the value received, which may be an address. */
function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    const known = issue.keys.filter((key) => /^\w{1,40}$/.test(key));
    return `unknown fields: ${known.length === issue.keys.length ? known.join(", ") : "(not names)"}`;
  }
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
