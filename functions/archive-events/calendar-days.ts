import { Temporal } from "temporal-polyfill";

/** Rows may come late: this long after its day has ended, a file is taken to be complete. */
const settlingMs = 48 * 3_600_000;

/** The last days before today in the time zone, as YYYY-MM-DD, the oldest first. */
export function daysBefore(now: Date, { days, timeZone }: { days: number; timeZone: string }): string[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  return daysFrom(today.subtract({ days }), today.subtract({ days: 1 }));
}

/** The days from one to another, both included, as YYYY-MM-DD. */
export function daysBetween(from: string, to: string): string[] {
  return daysFrom(Temporal.PlainDate.from(from), Temporal.PlainDate.from(to));
}

export function isOver(date: string, now: Date, timeZone: string): boolean {
  return endOf(date, timeZone) <= now.getTime();
}

/** Whether a file fetched at this time (ms since the epoch) was complete by then, and need not be fetched again. */
export function isSettledBy(fetchedAt: number, date: string, timeZone: string): boolean {
  return fetchedAt >= endOf(date, timeZone) + settlingMs;
}

/** When the day starts, in ms since the epoch. */
export function startOf(date: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds;
}

/** The start of the next day: when the clocks change, a day has 23 or 25 hours. */
export function endOf(date: string, timeZone: string): number {
  return startOf(Temporal.PlainDate.from(date).add({ days: 1 }).toString(), timeZone);
}

function daysFrom(first: Temporal.PlainDate, last: Temporal.PlainDate): string[] {
  const { days } = first.until(last);
  return Array.from({ length: days + 1 }, (_, day) => first.add({ days: day }).toString());
}
