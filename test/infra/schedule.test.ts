import { expect, test } from "vitest";
import { greatestGapHours } from "../../infra/schedule.ts";

test.each([
  ["rate(1 minute)", 1 / 60],
  ["rate(15 minutes)", 0.25],
  ["rate(1 hour)", 1],
  ["rate(2 days)", 48],
  ["cron(30 4 * * ? *)", 24],
  ["cron(0 * * * ? *)", 1],
  ["cron(0/20 * * * ? *)", 1 / 3],
  ["cron(0 6-20/2 * * ? *)", 10],
  ["cron(0 8,18 ? * MON-FRI *)", 62],
  ["cron(0 5 ? * MON *)", 168],
  ["cron(0 5 ? * 2,5 *)", 96],
  ["cron(0 5 1 * ? *)", 31 * 24],
  ["cron(0 5 L * ? *)", 31 * 24],
  ["cron(0 5 15W * ? *)", 32 * 24],
  ["cron(0 5 LW * ? *)", 33 * 24],
  ["cron(0 5 ? * 2#1 *)", 35 * 24],
  ["cron(0 5 ? * 6L *)", 35 * 24],
  ["cron(0 5 29 2 ? *)", 1461 * 24],
  ["cron(0 5 ? 2 SUN#5 *)", Number.POSITIVE_INFINITY],
  ["cron(0 5 * * ? 2027-2030)", Number.POSITIVE_INFINITY],
])("the longest gap of %s is %d hours", (expression, hours) => {
  expect(greatestGapHours(expression)).toBeCloseTo(hours, 9);
});

test.each([
  ["every hour", 'expected "rate(1 hour)" or "cron(0 5 ? * MON *)"'],
  ["at(2030-01-01T00:00:00)", 'expected "rate(1 hour)"'],
  ["rate(0 hours)", "expected a whole number above 0 and its unit"],
  ["rate(1 hours)", "expected a whole number above 0 and its unit"],
  ["rate(2 hour)", "expected a whole number above 0 and its unit"],
  ["rate(1 week)", "expected a whole number above 0 and its unit"],
  ["cron(0 5 * * ?)", "has 5 fields; expected six: minutes, hours, day of month, month, day of week, year"],
  ["cron(0 5 * * * *)", 'expected "?" as either the day of month or the day of week'],
  ["cron(0 5 ? * ? *)", 'expected "?" as either the day of month or the day of week'],
  ["cron(60 5 * * ? *)", 'has the minutes "60"; expected 0 to 59'],
  ["cron(0 24 * * ? *)", 'has the hours "24"; expected 0 to 23'],
  ["cron(0 5 0 * ? *)", 'has the day of month "0"'],
  ["cron(0 5 32W * ? *)", 'has the day of month "32"'],
  ["cron(0 5 ? * MONDAY *)", 'has the day of week "MONDAY"; expected 1 to 7 or SUN to SAT'],
  ["cron(0 5 ? * 8L *)", 'has the day of week "8"'],
  ["cron(0 5 ? * FRI-MON *)", 'has the day of week "FRI-MON"'],
  ["cron(0 5 ? 13 MON *)", 'has the month "13"; expected 1 to 12 or JAN to DEC'],
  ["cron(0 1-2-3 * * ? *)", 'has the hours "1-2-3"'],
  ["cron(0/0 5 * * ? *)", 'has the minutes "0/0"'],
  ["cron(0 5 31 FEB ? *)", "expected times in the future"],
  ["cron(0 5 * * ? 2018)", "expected times in the future"],
])("%s is not a schedule", (expression, problem) => {
  expect(() => greatestGapHours(expression)).toThrow(problem);
});
