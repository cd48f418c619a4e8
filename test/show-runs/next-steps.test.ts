import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { stepFor } from "../../functions/show-runs/next-steps.ts";

const runbook = readFileSync(fileURLToPath(new URL("../../docs/runbook.md", import.meta.url)), "utf8");

test.each([
  ["some of the plan waits for a person: it would unsubscribe 5 of 9 subscribers", "A plan was refused"],
  ["some of the plan would have to wait for a person: …", "A plan was refused"],
  ["12 changes of the plan exceed a limit and still wait: {} approves them", "A plan was refused"],
  ["changes that wait for a week, as the provider refused the same row: 3", "Rows that the provider refused"],
  ["the provider refused 3 of 40 changes: they are in the quarantine", "Rows that the provider refused"],
  ["changes that the provider refused again, as in earlier runs: 3", "Rows that the provider refused"],
  [
    "returns that earlier runs gave to the database, which still disagrees: 7",
    "The database does not take returns",
  ],
])("the note “%s” has a heading of the runbook beside it", (note, heading) => {
  expect(stepFor(note, "https://example.org/runbook")?.markup).toContain(`>${heading}</a>`);
  expect(runbook).toContain(`## ${heading}\n`);
});

test.each([
  "the plan exceeds no limit: {} applies it as it is",
  "there is nothing to apply",
  "readers who subscribed at the provider after the database was read: 3",
])("the note “%s” only tells", (note) => {
  expect(stepFor(note, undefined)).toBeUndefined();
});
