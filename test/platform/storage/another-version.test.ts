import { expect, test } from "vitest";
import { openFirstApproval } from "../../../functions/platform/storage/first-approval.ts";
import { SortedEntries } from "../../../functions/platform/storage/memory/sorted-entries.ts";
import { approvalKey } from "../../../functions/platform/storage/object-keys.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

// What a version finds that another one has written, as after a rollback.

const formatOf = (label: string) => ({ label, size: 4, limit: 10, isKept: () => true });

test("entries of another format are no entries", () => {
  const entries = new SortedEntries(SortedEntries.allocate(8).fill(1), 4);
  const bytes = entries.sealed(formatOf("acts 2"));
  expect(SortedEntries.unsealed(bytes, formatOf("acts 2"))?.words).toEqual(entries.words);
  expect(SortedEntries.unsealed(bytes, formatOf("acts 1"))).toBeUndefined();
});

test("a list that was once approved stays approved, whatever else its approval says", async () => {
  const store = new InMemoryStore();
  await store.put(approvalKey("daily"), Buffer.from("a form of a later version"));
  expect(await openFirstApproval(store, { name: "daily", id: 1 }).isGiven()).toBe(true);
});
