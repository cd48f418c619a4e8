import { parseInstant } from "../platform/parse-instant.ts";
import { endOf, startOf } from "./calendar-days.ts";

/** @returns what is wrong with the time of a row, if anything, without quoting it */
export type ProblemOfTime = (text: string) => string | undefined;

/**
 * How far outside its day a row's time may be. The provider does not document the zone of its times: those of a day in
 * Paris are two hours early if they are written in UTC. The rows of any other day are mostly further away.
 */
const toleranceMs = 2 * 3_600_000;

/** Checks the times of a day's rows. Without an offset, a time is the wall time in the zone. */
export function timesOfDay(date: string, timeZone: string): ProblemOfTime {
  const start = startOf(date, timeZone) - toleranceMs;
  const end = endOf(date, timeZone) + toleranceMs;
  return (text) => {
    // A text that is a whole day, say, has two readings, and both must fit.
    const earliest = parseInstant(text.trim(), timeZone, "earlier");
    const latest = parseInstant(text.trim(), timeZone, "later");
    if (earliest === undefined || latest === undefined) return "no time that can be read";
    return earliest >= start && latest < end ? undefined : "a time of another day";
  };
}
