import { describe, expect, test } from "vitest";
import { timesOfDay } from "../../functions/archive-events/times-of-day.ts";

const inParis = timesOfDay("2026-03-09", "Europe/Paris");

describe("a time", () => {
  test.each([
    "2026-03-09 00:00:00",
    "2026-03-09 23:59:59",
    "2026-03-09T12:00:00Z",
    "2026-03-09 12:00:00.123+01",
    "2026-03-09",
    " 2026-03-09 12:00:00 ",
  ])("%j is of 9 March", (text) => {
    expect(inParis(text)).toBeUndefined();
  });

  test.each(["2026-03-08 22:00:00", "2026-03-10 01:59:59", "2026-03-10T00:59:59Z"])(
    "%j may be of 9 March, written in another zone",
    (text) => {
      expect(inParis(text)).toBeUndefined();
    },
  );

  test.each([
    "2026-03-08 21:59:59",
    "2026-03-10 02:00:00",
    "2026-03-10T01:00:00Z",
    "2025-03-09 12:00:00",
    "2026-03-10",
    "2026-03-08",
  ])("%j is of another day", (text) => {
    expect(inParis(text)).toBe("a time of another day");
  });

  test.each(["", "date", "09/03/2026 12:00", "1773054000", "2026-03-09 24:30:00", "2026-02-30 10:00:00"])(
    "%j cannot be read",
    (text) => {
      expect(inParis(text)).toBe("no time that can be read");
    },
  );

  test("is of the day in the zone, even if that day has 23 hours or 25", () => {
    const spring = timesOfDay("2026-03-29", "Europe/Paris");
    expect(spring("2026-03-29 02:30:00")).toBeUndefined();
    expect(spring("2026-03-29T23:59:59Z")).toBeUndefined();
    expect(spring("2026-03-30T00:00:00Z")).toBe("a time of another day");
    const autumn = timesOfDay("2026-10-25", "Europe/Paris");
    expect(autumn("2026-10-26T00:59:59Z")).toBeUndefined();
    expect(autumn("2026-10-26T01:00:00Z")).toBe("a time of another day");
  });

  test("of the same instant is of another day elsewhere", () => {
    expect(timesOfDay("2026-03-09", "America/New_York")("2026-03-10T03:00:00Z")).toBeUndefined();
    expect(inParis("2026-03-10T03:00:00Z")).toBe("a time of another day");
  });
});
