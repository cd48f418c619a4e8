/** One invocation of a job, as the job sees it. */
export interface Run<Report> {
  /** Identifies the run in the lock, the report and the plan: its start time and a random number. */
  readonly id: string;
  /** What started it: the same if the same event was delivered twice. */
  readonly trigger: string;
  readonly startedAt: Date;
  now(): Date;
  /** When Lambda ends the function. */
  readonly deadline: Date;
  /** Fires at `stopsAt`, with an OutOfTimeError as its reason, while there is still time to stop in an orderly way. */
  readonly signal: AbortSignal;
  readonly stopsAt: Date;
  /** What is known so far: returned at the end, and stored even when the run fails midway. */
  readonly report: Partial<Report>;
  /** What only whoever sent the event gets beside the report: it is neither logged nor stored. */
  answer?: object;
  /** @param total omitted while it is unknown; equal to `done` at the end of a phase, whether it was known or not */
  progress(phase: string, done: number, total?: number): void;
}

/** Adds a note to the report: something a person should know that no number in it shows. */
export function note(run: Run<{ notes: readonly string[] }>, text: string): void {
  run.report.notes = [...(run.report.notes ?? []), text];
}
