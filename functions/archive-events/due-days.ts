import { Temporal } from "temporal-polyfill";

/** Rows may come late: so long after a day has ended, its file is taken to be complete. */
const settlingMs = 48 * 3_600_000;

/** The days, YYYY-MM-DD, before the one that it now is in the time zone; the oldest first. */
export function daysBefore(now: Date, { days, timeZone }: { days: number; timeZone: string }): string[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  return daysFrom(today.subtract({ days }), today.subtract({ days: 1 }));
}

/** The days, YYYY-MM-DD, from one to another, both of them included. */
export function daysBetween(from: string, to: string): string[] {
  return daysFrom(Temporal.PlainDate.from(from), Temporal.PlainDate.from(to));
}

export function isOver(date: string, now: Date, timeZone: string): boolean {
  return endOf(date, timeZone) <= now.getTime();
}

/** Whether a file that was fetched at an instant (ms since the epoch) needs to be fetched no more. */
export function isSettledBy(fetchedAt: number, date: string, timeZone: string): boolean {
  return fetchedAt >= endOf(date, timeZone) + settlingMs;
}

/** The start of the next day: a day has 23 or 25 hours when the clocks change. */
function endOf(date: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
}

function daysFrom(first: Temporal.PlainDate, last: Temporal.PlainDate): string[] {
  const { days } = first.until(last);
  return Array.from({ length: days + 1 }, (_, day) => first.add({ days: day }).toString());
}
