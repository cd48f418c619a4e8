import { describe, expect, test } from "vitest";
import {
  daysBefore,
  daysBetween,
  isOver,
  isSettledBy,
} from "../../functions/archive-events/calendar-days.ts";

const paris = "Europe/Paris";
const at = (iso: string) => new Date(iso);

describe("the days before today", () => {
  test.each([
    ["in the first second of a day", "2026-03-09T23:00:00Z", ["2026-03-08", "2026-03-09"]],
    ["a second earlier", "2026-03-09T22:59:59Z", ["2026-03-07", "2026-03-08"]],
    ["after the day of 23 hours", "2026-03-30T00:30:00Z", ["2026-03-28", "2026-03-29"]],
    ["in the last second of the day of 23 hours", "2026-03-29T21:59:59Z", ["2026-03-27", "2026-03-28"]],
    ["after the day of 25 hours", "2026-10-26T00:30:00Z", ["2026-10-24", "2026-10-25"]],
    ["in the last second of the day of 25 hours", "2026-10-25T22:59:59Z", ["2026-10-23", "2026-10-24"]],
    ["across the end of a leap year's February", "2028-03-01T03:30:00Z", ["2028-02-28", "2028-02-29"]],
  ])("are those of the time zone %s", (_, now, days) => {
    expect(daysBefore(at(now), { days: 2, timeZone: paris })).toEqual(days);
  });

  test("differ in another time zone", () => {
    const now = at("2026-03-09T23:00:00Z");
    expect(daysBefore(now, { days: 1, timeZone: "America/Montreal" })).toEqual(["2026-03-08"]);
  });

  test("skip none and repeat none when the clocks change within the window", () => {
    const days = daysBefore(at("2026-11-01T03:30:00Z"), { days: 10, timeZone: paris });
    expect(days).toEqual(daysBetween("2026-10-22", "2026-10-31"));
    expect(new Set(days)).toHaveLength(10);
  });
});

test("a range includes both its ends", () => {
  expect(daysBetween("2026-12-31", "2027-01-02")).toEqual(["2026-12-31", "2027-01-01", "2027-01-02"]);
  expect(daysBetween("2026-12-31", "2026-12-31")).toEqual(["2026-12-31"]);
});

describe.each([
  ["a day of 24 hours", "2026-03-08", "2026-03-08T23:00:00Z"],
  ["the day of 23 hours", "2026-03-29", "2026-03-29T22:00:00Z"],
  ["the day of 25 hours", "2026-10-25", "2026-10-25T23:00:00Z"],
])("%s", (_, date, end) => {
  const msAfterEnd = (ms: number) => Date.parse(end) + ms;

  test("is over when the next day begins in the time zone", () => {
    expect(isOver(date, new Date(msAfterEnd(-1)), paris)).toBe(false);
    expect(isOver(date, new Date(msAfterEnd(0)), paris)).toBe(true);
  });

  test("is settled by a fetch 48 hours after it ended", () => {
    const hours48 = 48 * 3_600_000;
    expect(isSettledBy(msAfterEnd(hours48 - 1), date, paris)).toBe(false);
    expect(isSettledBy(msAfterEnd(hours48), date, paris)).toBe(true);
  });
});

test("a fetch at an unknown time settles nothing", () => {
  expect(isSettledBy(Number.NaN, "2026-03-08", paris)).toBe(false);
});
