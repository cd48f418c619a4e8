import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { parseInstant } from "../../functions/platform/parse-instant.ts";

const paris = "Europe/Paris";

function iso(text: string, timeZone = paris): string | undefined {
  const instant = parseInstant(text, timeZone);
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

test.each([
  ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
  ["2026-01-02t03:04:05.6789z", "2026-01-02T03:04:05.678Z"],
  ["2026-01-02T03:04:05,5+05:30", "2026-01-01T21:34:05.500Z"],
  ["2026-01-02T03:04-0330", "2026-01-02T06:34:00.000Z"],
  ["2026-01-02 03:04:05.678+00", "2026-01-02T03:04:05.678Z"],
  ["2026-01-02 03:04:05.678901+01", "2026-01-02T02:04:05.678Z"],
  ["2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05.000Z"],
  ["2024-02-29 00:00:00 +0000", "2024-02-29T00:00:00.000Z"],
  ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
])("%s is %s, whatever the zone", (text, expected) => {
  expect(iso(text, paris)).toBe(expected);
  expect(iso(text, "America/St_Johns")).toBe(expected);
});

test("a time without an offset is the wall time of the zone", () => {
  expect(iso("2026-01-02 12:00:00")).toBe("2026-01-02T11:00:00.000Z");
  expect(iso("2026-07-02T12:00:00.25")).toBe("2026-07-02T10:00:00.250Z");
  expect(iso("2026-07-02T12:00", "Asia/Kolkata")).toBe("2026-07-02T06:30:00.000Z");
});

test("a date alone is the start of that day in the zone", () => {
  expect(iso("2026-01-02")).toBe("2026-01-01T23:00:00.000Z");
  expect(iso("2026-03-29")).toBe("2026-03-28T23:00:00.000Z");
  // The day started at one o'clock, as the clocks went forward at midnight.
  expect(iso("2018-11-04", "America/Sao_Paulo")).toBe("2018-11-04T03:00:00.000Z");
});

test("a wall time that occurs twice is the earlier instant", () => {
  expect(iso("2026-10-25 01:59:59")).toBe("2026-10-24T23:59:59.000Z");
  expect(iso("2026-10-25 02:30:00")).toBe("2026-10-25T00:30:00.000Z");
  expect(iso("2026-10-25 03:00:00")).toBe("2026-10-25T02:00:00.000Z");
});

test("a wall time that never occurs is the earlier of its two readings", () => {
  expect(iso("2026-03-29 01:59:59")).toBe("2026-03-29T00:59:59.000Z");
  expect(iso("2026-03-29 02:30:00")).toBe("2026-03-29T00:30:00.000Z");
  expect(iso("2026-03-29 03:00:00")).toBe("2026-03-29T01:00:00.000Z");
});

test("an ambiguous wall time is the later of its two readings on request", () => {
  expect(parseInstant("2026-10-25 02:30:00.000", paris, "later")).toBe(Date.UTC(2026, 9, 25, 1, 30));
  expect(parseInstant("2026-03-29 02:30:00.000", paris, "later")).toBe(Date.UTC(2026, 2, 29, 1, 30));
  expect(parseInstant("2026-10-25 03:00:00.000", paris, "later")).toBe(Date.UTC(2026, 9, 25, 2));
});

test("a time given to the second, the minute or the day is the end of that on request", () => {
  expect(parseInstant("2026-01-31T20:00:30Z", paris, "later")).toBe(Date.UTC(2026, 0, 31, 20, 0, 30, 999));
  expect(parseInstant("2026-01-31 20:00", "UTC", "later")).toBe(Date.UTC(2026, 0, 31, 20, 0, 59, 999));
  expect(parseInstant("2026-01-31", "UTC", "later")).toBe(Date.UTC(2026, 1, 1) - 1);
  expect(parseInstant("2026-10-25", paris, "later")).toBe(Date.UTC(2026, 9, 25, 23) - 1);
});

test("wall times agree with Temporal, in every hour of a year and in very different zones", () => {
  for (const zone of [paris, "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]) {
    let wall = Temporal.PlainDateTime.from("2025-12-31T00:17:04");
    for (let hour = 0; hour < 367 * 24; hour++, wall = wall.add({ hours: 1 })) {
      const expected = wall.toZonedDateTime(zone, { disambiguation: "earlier" }).epochMilliseconds;
      if (parseInstant(wall.toString(), zone) !== expected) expect.fail(`${wall} in ${zone}`);
    }
  }
});

test.each([
  "9999-12-31 23:59:59",
  "9999-12-31T23:59:59-08:00",
  "",
  "yesterday",
  "infinity",
  "2026",
  "2026-02-30",
  "2025-02-29",
  "2026-13-01",
  "2026-00-10",
  "0000-00-00 00:00:00",
  "02/01/2026",
  "2026-01-02T",
  "2026-01-02T24:00Z",
  "2026-01-02T03:60Z",
  "2026-01-02T03:04:60Z",
  "2026-01-02T03:04:05.Z",
  "2026-01-02T03:04:05+24:00",
  "2026-01-02T03:04:05+1:00",
  "2026-01-02 03:04:05 CET",
  "2026-01-02 03:04:05Z ",
  "1767323045",
  "+02026-01-02",
])('"%s" is not a time', (text) => {
  expect(parseInstant(text, paris)).toBeUndefined();
});
