import { Temporal } from "temporal-polyfill";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const offsetPattern = /^ ?(?:Z|UTC|([+-])(\d\d)(?::?([0-5]\d))?)$/i;

/** For each zone, when its days start: dates to instants. */
const zones = new Map<string, Map<number, number>>();

/**
 * Parses a time, in ISO 8601 or as PostgreSQL and MySQL write it. Without an offset it is the wall time in `timeZone`.
 *
 * `ambiguous` says which instant is meant when there are several: when the clocks change and the wall time occurs twice
 * or never, and when the text has only a date, a minute or a second (`earlier` is its start, `later` its end). `earlier`
 * is safe for a consent, as it overrules fewer opt-outs; `later` is safe for an opt-out.
 *
 * @returns ms since the epoch; undefined when the text is not a time, or in the year 9999, which stands for "never" and
 *   ends after the last that ISO 8601 writes with four digits
 */
export function parseInstant(
  text: string,
  timeZone: string,
  ambiguous: "earlier" | "later" = "earlier",
): number | undefined {
  const date = dateOf(numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2));
  if (date === undefined || text[4] !== "-" || text[7] !== "-") return undefined;
  if (text.length === 10) {
    return ambiguous === "later" ? startOfDay(date + dayMs, timeZone) - 1 : startOfDay(date, timeZone);
  }
  const hasSeconds = text[16] === ":";
  const hour = numberAt(text, 11, 2);
  const minute = numberAt(text, 14, 2);
  const second = hasSeconds ? numberAt(text, 17, 2) : 0;
  if (!/[Tt ]/.test(text[10] ?? "") || text[13] !== ":") return undefined;
  if (!(hour < 24 && minute < 60 && second < 60)) return undefined;
  const at = hasSeconds ? fractionEnd(text) : 16;
  const given = hour * 60 * minuteMs + minute * minuteMs + second * 1000 + milliseconds(text, at);
  const time = ambiguous === "later" ? given + precisionMs(text, at) : given;
  if (at === text.length) {
    return isDayOf24Hours(date, timeZone)
      ? startOfDay(date, timeZone) + time
      : wallTime(date + time, timeZone, ambiguous);
  }
  const offset = offsetMs(text, at);
  return offset === undefined ? undefined : date + time - offset;
}

/** How far the end of the given minute, second or millisecond is from its start. */
function precisionMs(text: string, at: number): number {
  if (at === 16) return minuteMs - 1;
  return text[19] === "." || text[19] === "," ? 0 : 999;
}

// Digits are read one by one: a regular expression would take most of the time of packing a row.
function numberAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let position = at; position < at + digits; position++) {
    const digit = text.charCodeAt(position) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function dateOf(year: number, month: number, day: number): number | undefined {
  const date = Date.UTC(year, month - 1, day);
  const exists =
    year >= 1000 && year < 9999 && month >= 1 && month <= 12 && day >= 1 && date < Date.UTC(year, month, 1);
  return exists ? date : undefined;
}

function fractionEnd(text: string): number {
  if (text[19] !== "." && text[19] !== ",") return 19;
  let end = 20;
  while (!Number.isNaN(numberAt(text, end, 1))) end++;
  return end === 20 ? 19 : end;
}

function milliseconds(text: string, end: number): number {
  if (end <= 20) return 0;
  const digits = Math.min(3, end - 20);
  return numberAt(text, 20, digits) * 10 ** (3 - digits);
}

function offsetMs(text: string, at: number): number | undefined {
  const ending = text.slice(at);
  if (ending === "Z" || ending === "+00") return 0;
  const parts = offsetPattern.exec(ending);
  if (parts === null) return undefined;
  const [, sign = "+", hours = 0, minutes = 0] = parts;
  if (+hours > 23) return undefined;
  return (sign === "-" ? -1 : 1) * (+hours * 60 + +minutes) * minuteMs;
}

function isDayOf24Hours(date: number, timeZone: string): boolean {
  return startOfDay(date + dayMs, timeZone) - startOfDay(date, timeZone) === dayMs;
}

function wallTime(asUtc: number, timeZone: string, ambiguous: "earlier" | "later"): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(asUtc).toZonedDateTimeISO("UTC").toPlainDateTime();
  return wall.toZonedDateTime(timeZone, { disambiguation: ambiguous }).epochMilliseconds;
}

// Cached: Temporal is many times slower than the rest, and a source's times fall on a few thousand days.
function startOfDay(date: number, timeZone: string): number {
  const starts = zones.get(timeZone) ?? new Map<number, number>();
  zones.set(timeZone, starts);
  let start = starts.get(date);
  if (start === undefined) {
    const day = Temporal.Instant.fromEpochMilliseconds(date).toZonedDateTimeISO("UTC").toPlainDate();
    start = day.toZonedDateTime(timeZone).epochMilliseconds;
    starts.set(date, start);
  }
  return start;
}
