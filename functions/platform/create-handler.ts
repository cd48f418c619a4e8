import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { InvalidEventError, NewsletterSyncError } from "../domain/errors.ts";
import { nameOf, UnforeseenError } from "../domain/unforeseen-error.ts";
import { describeError } from "./describe-error.ts";
import { type EventBus, openEventBus } from "./event-bus.ts";
import { fitAnswer } from "./fit-answer.ts";
import type { JobDefinition } from "./job-definition.ts";
import { alarmedCounts } from "./metric-names.ts";
import { parseEvent } from "./parse-event.ts";
import type { Run } from "./run.ts";
import { type RunEnding, runEventOf } from "./run-event.ts";
import { RunMetrics } from "./run-metrics.ts";
import { triggerOf } from "./scheduled-event.ts";
import { startRun } from "./start-run.ts";
import { type StartedBy, startedBy } from "./started-by.ts";
import { openLastSuccess } from "./storage/last-success.ts";
import { reportKey } from "./storage/object-keys.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** How long the bus may take, at most: Lambda counts this time as the run's. */
const mostMsForEvent = 2000;

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
      request.event = parseEvent(job.event, request.event);
    })
    .handler((event, context) => invocations.invoke(event as Event, context));
}

/** The invocations of a job in one Lambda environment, one after the other. */
class Invocations<Event extends object, Dependencies extends { store: ObjectStore }, Report> {
  readonly #job: JobDefinition<Event, Dependencies, Report>;
  readonly #logger: Logger;
  readonly #metrics: RunMetrics;
  readonly #bus: EventBus | undefined = openEventBus();
  #dependencies: Promise<Dependencies> | undefined;

  constructor(job: JobDefinition<Event, Dependencies, Report>, logger: Logger) {
    this.#job = job;
    this.#logger = logger;
    this.#metrics = new RunMetrics(serviceNameOf(job));
  }

  async invoke(event: Event, context: Context): Promise<Concluded<Report>> {
    const trigger = triggerOf(event, { job: this.#job.name, requestId: context.awsRequestId });
    const share = this.#job.shareOf?.(event) ?? 1;
    const { run, end } = startRun<Report>(context, this.#logger, { trigger, share });
    let failure: NewsletterSyncError | undefined;
    try {
      this.#dependencies ??= this.#job.buildDependencies();
      await this.#job.run(event, await this.#dependencies, run);
    } catch (error) {
      failure = error instanceof NewsletterSyncError ? error : new UnforeseenError(error);
    }
    end();
    const told = await this.#conclude(event, run, failure);
    if (failure === undefined) {
      return { ...told, startedBy: startedBy(event), ...fitAnswer(run.report), ...run.answer };
    }
    this.#dependencies = undefined;
    throw failure;
  }

  /** Measures the run, logs its summary, stores its report and tells the bus: S3 may take longer than the function has. */
  async #conclude(event: Event, run: Run<Report>, failure?: NewsletterSyncError): Promise<Told> {
    const job = this.#job;
    // A name that the configuration does not know must become neither a metric's dimension nor a key.
    const isKnown = !(failure instanceof InvalidEventError);
    const subject = isKnown ? job.subjectOf(event) : "unknown";
    const duplicateOf = job.duplicateOf?.(run.report);
    const isMeasured = duplicateOf === undefined && !job.isLook?.(event);
    const figures = isMeasured ? job.metricsOf(run.report, run.now()) : undefined;
    if (figures) this.#measure(run, { subject, figures, failure });
    if (isKnown) await this.#measureQuota(event, run);
    const error = failure && { name: failure.name, message: failure.message, actor: failure.actor };
    const done =
      duplicateOf === undefined
        ? job.summarise(run.report, error)
        : `nothing was done, as the event was delivered twice: the other run is ${duplicateOf}`;
    const summary = `${isKnown ? `${subject}: ` : ""}${done}`;
    const key = reportKey(job.name, subject, run.id);
    const told = { summary, report: key };
    const durationMs = run.now().getTime() - run.startedAt.getTime();
    const logged = { run: run.id, ...told, list: subject, durationMs, figures };
    if (failure !== undefined) this.#logger.error("run failed", { ...logged, error: describeError(failure) });
    else this.#logger.info(duplicateOf === undefined ? "run succeeded" : "run was a duplicate", logged);
    const outcome = failure !== undefined ? "failed" : duplicateOf === undefined ? "succeeded" : "duplicate";
    const ending = { run: run.id, summary, startedBy: startedBy(event), error };
    await this.#store(key, { ...ending, outcome, ...run.report });
    const detail = { ...ending, function: job.name, list: subject, report: key };
    if (outcome !== "duplicate") await this.#tell(run, { ...detail, outcome });
    if (figures && outcome === "succeeded" && job.isRoutine(event, run.report)) {
      await this.#recordSuccess(run, { subject, figures }).catch((cause: unknown) =>
        this.#warn("the success could not be recorded", cause),
      );
    }
    return told;
  }

  async #store(key: string, report: object): Promise<void> {
    const stored = Buffer.from(JSON.stringify(report, null, 2));
    await this.#dependencies
      ?.then(({ store }) => store.put(key, stored))
      .catch((cause: unknown) => this.#warn("the report could not be stored", cause));
  }

  /** The run is over: whatever happens here is no failure of it. */
  async #tell(run: Run<Report>, ending: RunEnding): Promise<void> {
    const msLeft = Math.max(0, run.deadline.getTime() - run.now().getTime());
    const outline = this.#job.outlineOf?.(run.report);
    if (outline === undefined) return;
    await this.#bus
      ?.put(runEventOf(ending, outline), Math.min(mostMsForEvent, Math.floor(msLeft / 2)))
      .catch((cause: unknown) => this.#warn("the event could not be put", cause));
  }

  #warn(problem: string, cause: unknown): void {
    this.#logger.warn(problem, { reason: nameOf(cause) });
  }

  #measure(run: Run<Report>, { subject, figures, failure }: Measured): void {
    const { [firstPlanWaits]: _, ...others } = figures;
    this.#metrics.count(subject, others);
    if (failure) this.#metrics.countFailure(subject, failure.name);
    for (const missing of this.#job.missingRunsOf?.(run.report) ?? []) this.#metrics.countMissing(missing);
  }

  /** That a first plan waits is told with the first success of a day: nothing is wrong, and one mail a day is enough. */
  async #recordSuccess(run: Run<Report>, { subject, figures }: Measured): Promise<void> {
    const { store } = await this.#dependencies!;
    const now = run.now();
    const before = await openLastSuccess(store, this.#job.name, subject).record(now);
    if (dayOf(before) === dayOf(now)) return;
    this.#metrics.count(subject, { [firstPlanWaits]: figures[firstPlanWaits] ?? 0 });
  }

  async #measureQuota(event: Event, run: Run<Report>): Promise<void> {
    const dependencies = await this.#dependencies?.catch(() => undefined);
    const used = dependencies && this.#job.quotaUseOf?.(event, dependencies, run.report);
    if (used !== undefined) this.#metrics.countRequests(used.account, used.requests);
  }
}

const { firstPlanWaits } = alarmedCounts;

/** A run in figures. */
interface Measured {
  readonly subject: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly failure?: NewsletterSyncError | undefined;
}

/** In UTC. */
function dayOf(time: Date | undefined): string | undefined {
  return time?.toISOString().slice(0, 10);
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
