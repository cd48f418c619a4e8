import * as z from "zod";
import { eventNameSchema } from "../configuration.ts";
import type { EventName } from "../providers/event-columns.ts";

/** All due files, of all configured events or of these: those of the last days that may still get rows. */
interface DueEvent {
  readonly events?: readonly EventName[];
}

/** One day, fetched whether it is due or not. */
interface DayEvent extends DueEvent {
  readonly date: string;
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

export const archiveEventSchema: z.ZodType<ArchiveEvent> = z
  .strictObject({
    date: dateSchema.optional(),
    from: dateSchema.optional(),
    to: dateSchema.optional(),
    events: z.array(eventNameSchema).min(1, "expected at least one event").optional(),
  })
  .transform(({ date, from, to, events }, context): ArchiveEvent => {
    const chosen = events === undefined ? {} : { events };
    const refuse = (field: string, message: string) => {
      context.addIssue({ code: "custom", path: [field], message });
      return z.NEVER;
    };
    if (date !== undefined) {
      if (from === undefined && to === undefined) return { date, ...chosen };
      return refuse("date", 'expected either "date", or "from" and "to"');
    }
    if (from === undefined && to === undefined) return chosen;
    if (from === undefined) return refuse("from", 'expected the first day beside "to"');
    if (to === undefined) return refuse("to", 'expected the last day beside "from"');
    return from <= to ? { from, to, ...chosen } : refuse("to", 'expected a day no earlier than "from"');
  });
