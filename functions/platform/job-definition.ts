import type { EventDefinition } from "./parse-event.ts";
import type { Run } from "./run.ts";
import type { RunOutline } from "./run-event.ts";
import type { MissingRun } from "./run-metrics.ts";
import type { Failure } from "./run-summary.ts";
import type { ObjectStore } from "./storage/object-store.ts";

/** A job, and what its handler needs to know about it. */
export interface JobDefinition<Event extends object, Dependencies extends { store: ObjectStore }, Report> {
  readonly name: string;
  readonly event: EventDefinition<Event>;
  /** Called on the first invocation, and again after a failed one, as a credential may have been renewed. */
  buildDependencies(): Promise<Dependencies>;
  /** What the run works on, for its metrics and the key of its report: usually a list's name. */
  subjectOf(event: Event): string;
  /**
   * Whether the schedule could have sent the event. Only then does a success count: a run started by hand must not
   * silence the alarm for missing runs. Nor does one that had nothing to work with, as its report says.
   */
  isRoutine(event: Event, report: Partial<Report>): boolean;
  /** How much of the time that is left the run may take, from 0 to 1, as others of the invocation follow it. @default 1 */
  shareOf?(event: Event): number;
  /** Whether a person only looks, and changes nothing: nothing is measured then of the run. @default nobody ever does */
  isLook?(event: Event): boolean;
  /** The run that does what this one was to do, as the same event started both. @default there is none */
  duplicateOf?(report: Partial<Report>): string | undefined;
  /** The run in figures: all of them are logged, and CloudWatch is told of those that an alarm watches. */
  metricsOf(report: Partial<Report>, now: Date): Readonly<Record<string, number>>;
  /** The runs that did not happen, as far as this one found out. @default it does not look */
  missingRunsOf?(report: Partial<Report>): readonly MissingRun[];
  /** What the run took of an account's daily quota of requests. @default no account has one */
  quotaUseOf?(
    event: Event,
    dependencies: Dependencies,
    report: Partial<Report>,
  ): { readonly account: string; readonly requests: number } | undefined;
  /** What the run did and what waits for whom, in one line that holds no address. */
  summarise(report: Partial<Report>, failure?: Failure): string;
  /** What the run's event tells beside that. @default there is no event */
  outlineOf?(report: Partial<Report>): RunOutline;
  run(event: Event, dependencies: Dependencies, run: Run<Report>): Promise<void>;
}
