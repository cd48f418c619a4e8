/** One invocation of a job, as the job sees it. */
export interface Run<Report> {
  /** Names the run in the lock, the report and the plan: a time and a part of Lambda's request id. */
  readonly id: string;
  readonly startedAt: Date;
  now(): Date;
  /** When the function is ended. */
  readonly deadline: Date;
  /** Fires, with an OutOfTimeError as its reason, while there still is time to stop in order. */
  readonly signal: AbortSignal;
  /** What is known so far: returned at the end, and stored even when the run fails midway. */
  readonly report: Partial<Report>;
  /** @param total absent while it is not known */
  progress(phase: string, done: number, total?: number): void;
}

/** Adds to what the run's report tells a person. */
export function note(run: Run<{ notes: readonly string[] }>, text: string): void {
  run.report.notes = [...(run.report.notes ?? []), text];
}
