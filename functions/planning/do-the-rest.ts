import type { Refusal } from "../domain/safety.ts";
import { note, type Run } from "../platform/run.ts";
import type { ApplyEvent } from "./apply-event.ts";
import { whatWaits } from "./check-plan.ts";

/** What of a plan waits for a person. */
export interface Waiting {
  /** The limits that it exceeds; none if nothing waits. */
  readonly refusals: readonly Refusal[];
  /** The event that approves it. */
  readonly event: ApplyEvent;
}

/** Does the rest of a plan. If that fails, the run ends with its error, so a note has to say what waits. */
export async function doTheRest<Result>(
  { refusals, event }: Waiting,
  run: Run<{ notes: readonly string[] }>,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (refusals.length > 0) note(run, whatWaits("waits for a person", refusals, event));
    throw error;
  }
}
