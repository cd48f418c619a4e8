import type { GuardGroup } from "./guard.ts";

const backfill = "functions/platform/backfill.ts";

export const backfillGuards: GuardGroup = {
  tests: [
    "test/sync-subscribers/backfill",
    "test/import-subscribers/backfill",
    "test/platform/fit-answer",
    "test/platform/create-handler",
  ],
  guards: [
    {
      keeps: "running out of time is a failure unless the run is a backfill's",
      file: backfill,
      code: "|| event.backfill === undefined) throw error;",
      broken: ") throw error;\n    event = { backfill: {}, ...event };",
    },
    {
      keeps: "a backfill that has done nothing fails",
      file: backfill,
      code: "left === undefined || left >= before",
      broken: "left !== undefined && left >= before",
    },
    {
      keeps: "a provider that accepts changes and does not make them ends a backfill",
      file: backfill,
      code: "left === undefined || left >= before",
      broken: "left === undefined",
    },
    {
      keeps: "an answer is no larger than Step Functions takes",
      file: "functions/platform/fit-answer.ts",
      code: "if (total > maxAnswerBytes) leftOut.push(name);",
      broken: "",
    },
    {
      keeps: "no message of an error fills the log",
      file: "functions/domain/errors.ts",
      code: "super(shortened(message), options);",
      broken: "super(message, options);",
    },
  ],
};
