import { describe, expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import type { WriteReport } from "../../../functions/providers/ownpage/answers.ts";
import { countersOf } from "../../../functions/providers/ownpage/counters.ts";

const saw = { subscribed: true, fields: {} };
const reason = "";
const changes: Change[] = [
  { kind: "subscribe", email: "a@x.fr", fields: { data_x: "1" }, saw: null, reason },
  { kind: "update", email: "b@x.fr", fields: { data_x: "1" }, saw, reason },
  { kind: "update", email: "c@x.fr", fields: { guid: "1" }, saw, reason },
  { kind: "resubscribe", email: "d@x.fr", fields: {}, saw, reason },
  { kind: "unsubscribe", email: "e@x.fr", cause: "PUBLISHER", saw, reason },
];
const asPredicted: WriteReport = {
  errors: [],
  unique_emails_count: 5,
  duplicate_emails_count: 0,
  duplicate_guid_count: 0,
  nb_created: 1,
  nb_subscribed: 2,
  nb_unsubscribed: 1,
  nb_data_changed: 1,
};

function differing(report: Partial<WriteReport>): string[] {
  return Object.entries(countersOf({ ...asPredicted, ...report }, { applied: changes }))
    .filter(([, { predicted, answered }]) => predicted !== answered)
    .map(([counter, { predicted, answered }]) => `${counter}: ${predicted}, not ${answered}`);
}

describe("Ownpage's counters", () => {
  test.each([1, 2, 3])("are as predicted whether or not new rows and guids count as data (%i)", (count) => {
    expect(differing({ nb_data_changed: count })).toEqual([]);
  });

  test.each([
    [{ unique_emails_count: 4 }, "uniqueEmails: 5, not 4"],
    [{ duplicate_emails_count: 1 }, "duplicateEmails: 0, not 1"],
    [{ duplicate_guid_count: 1 }, "duplicateGuids: 0, not 1"],
    [{ nb_created: 0 }, "created: 1, not 0"],
    [{ nb_subscribed: 3 }, "subscribed: 2, not 3"],
    [{ nb_unsubscribed: 0 }, "unsubscribed: 1, not 0"],
    [{ nb_data_changed: 0 }, "dataChanged: 1, not 0"],
    [{ nb_data_changed: 4 }, "dataChanged: 3, not 4"],
    [{ errors: ["one", { line: 2 }] }, "errors: 0, not 2"],
  ])("differ by themselves alone: %j", (report, difference) => {
    expect(differing(report)).toEqual([difference]);
  });
});
