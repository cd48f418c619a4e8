import { expect, test } from "vitest";
import { fitAnswer, maxAnswerBytes } from "../../functions/platform/fit-answer.ts";

const bytes = (value: object) => Buffer.byteLength(JSON.stringify(value));
const text = (length: number) => "é".repeat(length / 2);

test("a report that fits is answered whole", () => {
  const report = { files: [text(maxAnswerBytes - 1000)], left: 3 };
  expect(fitAnswer(report)).toBe(report);
});

test("of one that does not, the largest fields are left out and named", () => {
  const half = text(maxAnswerBytes / 2);
  const report = { notes: [half], files: [half, half], left: 3, next: { from: "2018-02-01" } };
  expect(fitAnswer(report)).toEqual({ notes: [half], left: 3, next: report.next, leftOut: ["files"] });
  expect(bytes(fitAnswer({ ...report, discrepancies: [half] }))).toBeLessThan(maxAnswerBytes + 100);
});
