import * as z from "zod";
import { parseCron } from "./cron.ts";

/** A schedule for EventBridge Scheduler, checked as far as possible without it. */
export const scheduleSchema = z.string().superRefine((expression, context) => {
  try {
    greatestGapHours(expression);
  } catch (error) {
    context.addIssue({ code: "custom", message: `${(error as Error).message}, in "${expression}"` });
  }
});

const hoursOf = { minute: 1 / 60, hour: 1, day: 24 } as const;

/**
 * The most hours that pass between two runs, by the clock of the schedule's time zone; infinite if there is a last
 * run.
 *
 * @throws Error if the schedule is invalid or will never fire
 */
export function greatestGapHours(expression: string): number {
  const [, kind, text = ""] = /^(rate|cron)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return gapOfRate(text);
  if (kind === "cron") return gapOfCron(text);
  throw new Error('expected "rate(1 hour)" or "cron(0 5 ? * MON *)"');
}

function gapOfRate(text: string): number {
  const [, digits = "", unit = "", plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const count = Number(digits);
  if (count >= 1 && (count === 1) === (plural === "")) return count * hoursOf[unit as keyof typeof hoursOf];
  throw new Error('expected a whole number above 0 and its unit, as in "rate(1 hour)" or "rate(15 minutes)"');
}

const dayMs = 24 * 3600 * 1000;
/** Every combination of date and weekday occurs within these 28 years, even 29 February. */
const days = Array.from({ length: 28 * 365 + 7 }, (_, day) => new Date(Date.UTC(2024, 0, 1) + day * dayMs));
/** A schedule that has not fired for so long will not fire again: for 29 February it takes up to four years. */
const maxGapDays = 8 * 366;

function gapOfCron(text: string): number {
  const { minutesOfDay, firesOn } = parseCron(text);
  const firing = days.flatMap((day, index) => (firesOn(day) ? [index] : []));
  if (firing.length === 0) throw new Error("expected times in the future");
  const dayGaps = firing.slice(1).map((day, index) => day - firing[index]!);
  if (firing.length === 1 || days.length - firing.at(-1)! > maxGapDays) return Number.POSITIVE_INFINITY;
  const withinDay = minutesOfDay.slice(1).map((minute, index) => minute - minutesOfDay[index]!);
  const betweenDays = Math.max(...dayGaps) * 24 * 60 + minutesOfDay[0]! - minutesOfDay.at(-1)!;
  return Math.max(betweenDays, ...withinDay) / 60;
}

/**
 * The fewest minutes that pass between two runs.
 *
 * @param expression a valid one
 */
export function smallestGapMinutes(expression: string): number {
  const [, kind, text = ""] = /^(rate|cron)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return gapOfRate(text) * 60;
  const { minutesOfDay } = parseCron(text);
  const gaps = minutesOfDay.slice(1).map((minute, index) => minute - minutesOfDay[index]!);
  // As if it fired on the next day, too.
  return Math.min(minutesOfDay[0]! + 24 * 60 - minutesOfDay.at(-1)!, ...gaps);
}
