/** The fields of a cron expression, in order. */
const fieldNames = ["minutes", "hours", "day of month", "month", "day of week", "year"] as const;
type FieldName = (typeof fieldNames)[number];

const bounds: Record<FieldName, readonly [number, number]> = {
  minutes: [0, 59],
  hours: [0, 23],
  "day of month": [1, 31],
  month: [1, 12],
  "day of week": [1, 7],
  year: [1970, 2199],
};
const valueNames: Partial<Record<FieldName, readonly string[]>> = {
  month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  "day of week": ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/** When a cron expression of EventBridge Scheduler fires. */
export interface Cron {
  /** The minutes of a day, counted from midnight, in ascending order. */
  readonly minutesOfDay: readonly number[];
  /** @param day midnight UTC of a calendar day */
  firesOn(day: Date): boolean;
}

/**
 * @param text the six fields, without `cron()`
 * @throws Error that names the field and says what it may hold
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== fieldNames.length) {
    throw new Error(`has ${fields.length} fields; expected six: ${fieldNames.join(", ")}`);
  }
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new Error('expected "?" as either the day of month or the day of week, but not as both');
  }
  const months = valuesOf("month", month);
  const years = valuesOf("year", year);
  const isDay = dayOfWeek === "?" ? parseDayOfMonth(dayOfMonth) : parseDayOfWeek(dayOfWeek);
  const minutesOfHour = [...valuesOf("minutes", minutes)].toSorted(ascending);
  return {
    minutesOfDay: [...valuesOf("hours", hours)]
      .toSorted(ascending)
      .flatMap((hour) => minutesOfHour.map((minute) => 60 * hour + minute)),
    firesOn: (day) => years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && isDay(day),
  };
}

function parseDayOfMonth(text: string): (day: Date) => boolean {
  const last = /^L(?:-(\d+))?$/.exec(text);
  if (last) return (day) => day.getUTCDate() === lastDateOf(day) - Number(last[1] ?? 0);
  const nearWeekday = /^(L|\d+)W$/.exec(text)?.[1];
  if (nearWeekday === "L") return (day) => day.getUTCDate() === weekdayNear(lastDateOf(day), day);
  if (nearWeekday !== undefined) {
    const date = numberOf("day of month", nearWeekday);
    return (day) => date <= lastDateOf(day) && day.getUTCDate() === weekdayNear(date, day);
  }
  const dates = valuesOf("day of month", text);
  return (day) => dates.has(day.getUTCDate());
}

function parseDayOfWeek(text: string): (day: Date) => boolean {
  const [, name = "", nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (nth !== undefined) {
    const weekday = numberOf("day of week", name);
    return (day) => weekdayOf(day) === weekday && Math.ceil(day.getUTCDate() / 7) === Number(nth);
  }
  if (text === "L") return (day) => weekdayOf(day) === 7;
  const last = /^(\d)L$/.exec(text)?.[1];
  if (last !== undefined) {
    const weekday = numberOf("day of week", last);
    return (day) => weekdayOf(day) === weekday && day.getUTCDate() > lastDateOf(day) - 7;
  }
  const weekdays = valuesOf("day of week", text);
  return (day) => weekdays.has(weekdayOf(day));
}

/** The values of a list of numbers, ranges and steps. */
function valuesOf(field: FieldName, text: string): ReadonlySet<number> {
  const [least, most] = bounds[field];
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", step] = /^([^/]*)(?:\/([1-9]\d*))?$/.exec(part) ?? fail(field, part);
    const [from = "", to] = range === "*" ? [String(least), String(most)] : range.split("-");
    const first = numberOf(field, from);
    const last = to === undefined ? (step === undefined ? first : most) : numberOf(field, to);
    if (first > last || range.split("-").length > 2) fail(field, part);
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function numberOf(field: FieldName, text: string): number {
  const [least, most] = bounds[field];
  const index = valueNames[field]?.indexOf(text) ?? -1;
  const value = index >= 0 ? least + index : Number(text);
  return /^\w+$/.test(text) && value >= least && value <= most ? value : fail(field, text);
}

function fail(field: FieldName, text: string): never {
  const [least, most] = bounds[field];
  const names = valueNames[field];
  const orNames = names === undefined ? "" : ` or ${names[0]} to ${names.at(-1)}`;
  throw new Error(
    `has the ${field} "${text}"; expected ${least} to ${most}${orNames}, as in 1, 1-5, 1,3 or 0/15`,
  );
}

/** 1 is Sunday. */
function weekdayOf(day: Date): number {
  return day.getUTCDay() + 1;
}

function lastDateOf(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The date of the weekday that is nearest to a date, within its month. */
function weekdayNear(date: number, month: Date): number {
  const weekday = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), date)).getUTCDay();
  if (weekday === 6) return date === 1 ? date + 2 : date - 1;
  if (weekday === 0) return date === lastDateOf(month) ? date - 2 : date + 1;
  return date;
}

function ascending(one: number, other: number): number {
  return one - other;
}
