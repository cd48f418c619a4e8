import { expect, test } from "vitest";
import type { Change } from "../../../../functions/domain/plan.ts";
import { openListMemory } from "../../../../functions/platform/storage/list-memory.ts";
import { InMemoryStore } from "../../../support/in-memory-store.ts";

const at = Date.UTC(2026, 10, 30);

/** A run of its own: runs share nothing but the store. */
function openIn(store: InMemoryStore) {
  return openListMemory({
    store,
    list: "daily",
    graceHours: 24,
    now: () => new Date(at),
    note: () => undefined,
  });
}

test("a reader who is erased is forgotten in each memory, and nobody else", async () => {
  const store = new InMemoryStore();
  const rowOf = (email: string, reason: string) => ({ email, reason });
  const changeOf = (email: string): Change => ({
    ...{ kind: "subscribe", email, reason: "not at the provider", fields: {}, saw: null },
  });
  const memory = openIn(store);
  for (const email of ["a@example.fr", "b@example.fr"]) {
    (await memory.acts()).record(email, "subscribed", at);
    (await memory.refusals()).record(changeOf(email), at);
    (await memory.pushes()).record(email, { kind: "subscribed", at, saidAt: at });
    for (const reason of ["one", "another"]) (await memory.rejections()).see(rowOf(email, reason));
  }
  await memory.save();

  const erasing = openIn(store);
  expect((await erasing.acts()).forget("a@example.fr")).toBe(true);
  expect((await erasing.acts()).forget("x@example.fr")).toBe(false);
  expect((await erasing.refusals()).forgetAddress("a@example.fr")).toBe(true);
  expect((await erasing.pushes()).forget("a@example.fr")).toBe(true);
  expect((await erasing.pushes()).forget("x@example.fr")).toBe(false);
  expect((await erasing.rejections()).forget("a@example.fr")).toBe(true);
  expect((await erasing.rejections()).forget("x@example.fr")).toBe(false);
  await erasing.save();

  const after = openIn(store);
  const known = async (email: string) => [
    (await after.acts()).lastActOn(email) !== undefined,
    (await after.refusals()).wasRefused(changeOf(email)),
    (await after.pushes()).lastPushOn(email, "subscribed") !== undefined,
  ];
  expect(await known("a@example.fr")).toEqual([false, false, false]);
  expect(await known("b@example.fr")).toEqual([true, true, true]);
  const rejections = await after.rejections();
  for (const email of ["a@example.fr", "b@example.fr"]) {
    for (const reason of ["one", "another"]) rejections.see(rowOf(email, reason));
  }
  expect(rejections.newRows).toBe(2);
});
