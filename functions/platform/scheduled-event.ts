import * as z from "zod";

/** What a schedule's event has and a person's does not. */
export interface ScheduledEvent {
  /** The time for which the run was scheduled, in ISO 8601: EventBridge Scheduler puts it in. */
  readonly scheduledAt?: string;
}

/** The field of such an event. Nobody can send the schedule's own text by mistake: it holds a placeholder, which is no time. */
export const scheduledFields = {
  scheduledAt: z.iso
    .datetime("expected the time that only a schedule puts in: leave the field out")
    .optional(),
};

/**
 * Names what started a run. Scheduler and Lambda deliver an event once at least, and now and then twice: then both runs
 * have the same trigger.
 *
 * @param source.requestId Lambda's, which it keeps when it delivers an event again; Scheduler's deliveries have one each
 */
export function triggerOf(
  event: object,
  { job, requestId }: { readonly job: string; readonly requestId: string },
): string {
  const { scheduledAt } = event as ScheduledEvent;
  return scheduledAt === undefined ? `request ${requestId}` : `${job} at ${scheduledAt}`;
}

export function isScheduled(event: object): boolean {
  return (event as ScheduledEvent).scheduledAt !== undefined;
}
