import { describe, expect, test } from "vitest";
import type { Change } from "../../functions/domain/plan.ts";
import { type BatchAnswer, findDiscrepancies } from "../../functions/domain/reconcile.ts";

const saw = { subscribed: true, fields: {} };
const changes: Change[] = [
  {
    kind: "subscribe",
    email: "a@x.fr",
    fields: { data_x: "1" },
    saw: null,
    reason: "",
  },
  { kind: "update", email: "b@x.fr", fields: { data_x: "1" }, saw, reason: "" },
  { kind: "update", email: "c@x.fr", fields: { guid: "1" }, saw, reason: "" },
  { kind: "resubscribe", email: "d@x.fr", fields: {}, saw, reason: "" },
  { kind: "unsubscribe", email: "e@x.fr", cause: "PUBLISHER", saw, reason: "" },
];
const right: BatchAnswer = {
  uniqueEmails: 5,
  duplicateEmails: 0,
  duplicateGuids: 0,
  created: 1,
  subscribed: 2,
  unsubscribed: 1,
  dataChanged: 1,
  errors: 0,
  stale: [],
  unconfirmed: [],
  attempts: 1,
};

describe("findDiscrepancies", () => {
  test("what was stale is not predicted", () => {
    const answer = { ...right, uniqueEmails: 4, subscribed: 1, stale: [changes[3]!] };
    expect(findDiscrepancies(1, changes, answer)).toEqual([]);
  });

  test("what was not sent again is predicted, as a sending without an answer may have done it", () => {
    const answer = { ...right, uniqueEmails: 4, subscribed: 1, unconfirmed: [changes[3]!] };
    expect(findDiscrepancies(1, changes, answer)).toMatchObject([
      { counter: "uniqueEmails", predicted: 5, answered: 4, afterRetry: true },
      { counter: "subscribed", predicted: 2, answered: 1, afterRetry: true },
    ]);
  });

  test.each([1, 2, 3])(
    "an answer as predicted has none, whether or not new rows and guids count as data (%d)",
    (n) => {
      expect(findDiscrepancies(1, changes, { ...right, dataChanged: n })).toEqual([]);
    },
  );

  test.each([
    ["uniqueEmails", 4],
    ["duplicateEmails", 1],
    ["duplicateGuids", 1],
    ["created", 0],
    ["subscribed", 3],
    ["unsubscribed", 0],
    ["dataChanged", 0],
    ["dataChanged", 4],
    ["errors", 2],
  ] as const)("%s that is %d is told", (counter, answered) => {
    expect(findDiscrepancies(7, changes, { ...right, [counter]: answered })).toMatchObject([
      { batch: 7, counter, answered, afterRetry: false },
    ]);
  });

  test("a batch that was sent twice says so, for the first time may have done the work", () => {
    expect(findDiscrepancies(1, changes, { ...right, created: 0, attempts: 2 })).toMatchObject([
      { counter: "created", afterRetry: true },
    ]);
  });
});
