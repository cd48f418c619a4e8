import * as z from "zod";
import { type ScheduledEvent, scheduledFields } from "../platform/scheduled-event.ts";

/** There is only one thing to do. */
export type WatchEvent = ScheduledEvent;

export const goodWatchEvent: WatchEvent = {};

export const watchEventSchema: z.ZodType<WatchEvent> = z
  .strictObject(scheduledFields)
  .transform(({ scheduledAt }) => (scheduledAt === undefined ? {} : { scheduledAt }));
