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

export function isScheduled(event: object): boolean {
  return (event as ScheduledEvent).scheduledAt !== undefined;
}
