import * as z from "zod";
import { eventNameSchema } from "../configuration.ts";
import { type BackfillEvent, backfillFields } from "../platform/backfill.ts";
import { type ScheduledEvent, scheduledFields } from "../platform/scheduled-event.ts";
import type { EventName } from "../providers/event-columns.ts";

/** All due files, of all configured events or of these: those of the last days that may still get rows. */
interface DueEvent extends ScheduledEvent, BackfillEvent {
  readonly events?: readonly EventName[];
}

/** One day, fetched whether it is due or not. */
interface DayEvent extends DueEvent {
  readonly date: string;
  /** The SHA-256 of a file of the one event: if it is what the provider sends, it may replace a longer file. */
  readonly accept?: string;
}

/** A range of days, without the files that are stored and get no more rows. */
export interface RangeEvent extends DueEvent {
  readonly from: string;
  readonly to: string;
}

export type ArchiveEvent = DueEvent | DayEvent | RangeEvent;

export const goodArchiveEvent: ArchiveEvent = { date: "2018-02-15", events: ["nl_click"] };

const firstDate = "2000-01-01";
const dateSchema = z.iso
  .date("expected a date that exists, as YYYY-MM-DD")
  .refine((date) => date >= firstDate, `expected a date from ${firstDate} on`);

const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, "expected the SHA-256 of a file, 64 hexadecimal digits")
  .toLowerCase();

export const archiveEventSchema: z.ZodType<ArchiveEvent> = z
  .strictObject({
    date: dateSchema.optional(),
    from: dateSchema.optional(),
    to: dateSchema.optional(),
    events: z.array(eventNameSchema).min(1, "expected at least one event").optional(),
    accept: sha256Schema.optional(),
    ...scheduledFields,
    ...backfillFields,
  })
  .transform(({ date, from, to, events, accept, scheduledAt, backfill }, context): ArchiveEvent => {
    const chosen = {
      ...(events && { events }),
      ...(scheduledAt && { scheduledAt }),
      ...(backfill && { backfill }),
    };
    const refuse = (field: string, message: string) => {
      context.addIssue({ code: "custom", path: [field], message });
      return z.NEVER;
    };
    if (accept !== undefined && date === undefined) return refuse("accept", 'expected "date" beside it');
    if (accept !== undefined && events?.length !== 1) {
      return refuse("events", 'expected exactly one event beside "accept"');
    }
    if (date !== undefined) {
      if (from === undefined && to === undefined) return { date, ...chosen, ...(accept && { accept }) };
      return refuse("date", 'expected either "date", or "from" and "to"');
    }
    if (from === undefined && to === undefined) return chosen;
    if (from === undefined) return refuse("from", 'expected the first day beside "to"');
    if (to === undefined) return refuse("to", 'expected the last day beside "from"');
    return from <= to ? { from, to, ...chosen } : refuse("to", 'expected a day no earlier than "from"');
  });
