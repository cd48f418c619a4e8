import * as z from "zod";
import { OutOfTimeError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/** What the event of a backfill has and no other: it goes on with the report's `next` until there is none. */
export interface BackfillEvent {
  /** `left`: how many changes the run before this one left undone; absent of the first one, and of an archive. */
  readonly backfill?: { readonly left?: number | undefined } | undefined;
}

export const backfillFields = {
  backfill: z.strictObject({ left: z.int().min(0).optional() }).optional(),
};

/**
 * Does the work of a run on a list. A backfill's run that runs out of time succeeds if it has done some of the work: its
 * report then has the event for the rest. It has to leave less than the run before it: a provider that accepts changes and
 * does not make them would otherwise be sent them again and again.
 *
 * @param options.leftOf how many changes are left; undefined if the run has made none
 */
export async function goOnLater<Event extends BackfillEvent, Report extends { next: object }>(
  event: Event,
  { run, leftOf }: { readonly run: Run<Report>; leftOf(report: Partial<Report>): number | undefined },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OutOfTimeError) || event.backfill === undefined) throw error;
    const { left: before = Number.POSITIVE_INFINITY } = event.backfill;
    const left = leftOf(run.report);
    if (left === undefined || left >= before) throw error;
    run.report.next = { ...event, backfill: { left } };
  }
}
