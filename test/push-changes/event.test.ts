import { expect, test } from "vitest";
import { parseEvent } from "../../functions/platform/parse-event.ts";
import { goodPushEvent, pushEventSchema } from "../../functions/push-changes/event.ts";

test.each([
  [
    { list: "daily", approve: ["subscrib"] },
    "approve.0: expected limits: unsubscribe, subscribe, resubscribe, update",
  ],
  [{ list: "daily", aprove: ["subscribe"] }, 'unknown field "aprove" (did you mean "approve"?)'],
  [{ approve: ["subscribe"] }, "list: "],
  [{ list: "daily", approve: ["subscrib"], approvedBy: "" }, /approve\.0: expected limits.*; approvedBy: /],
  [null, "expected object"],
])(
  "an approval that is not right, %j, is answered with each field and what was expected",
  (event, problem) => {
    expect(() => parseEvent({ schema: pushEventSchema, good: goodPushEvent }, event)).toThrow(problem);
  },
);
