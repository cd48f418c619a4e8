import { expect, test } from "vitest";
import { createScratchStore } from "../../../functions/platform/storage/scratch-store.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

const bytes = (text: string) => Buffer.from(text);

test("what is written under its prefixes is read again, and reaches nobody else", async () => {
  const store = new InMemoryStore();
  const standing = await store.put("mirror/state.json", bytes("standing"));
  const scratch = createScratchStore(store, ["mirror/"]);
  expect(await scratch.put("mirror/state.json", bytes("other"), { ifMatch: "stale" })).toBeUndefined();
  expect(await scratch.put("mirror/state.json", bytes("other"), { ifAbsent: true })).toBeUndefined();
  const etag = await scratch.put("mirror/state.json", bytes("mine"), { ifMatch: standing! });
  expect(etag).toBeDefined();
  expect(await scratch.put("mirror/state.json", bytes("again"), { ifMatch: standing! })).toBeUndefined();
  expect(await scratch.put("mirror/new.json", bytes("new"), { ifAbsent: true })).toBeDefined();
  expect(Buffer.from((await scratch.get("mirror/state.json"))!.bytes).toString()).toBe("mine");
  expect([...store.objects.keys()]).toEqual(["mirror/state.json"]);
  expect(Buffer.from((await store.get("mirror/state.json"))!.bytes).toString()).toBe("standing");
});

test("everything else goes through, such as a lock", async () => {
  const store = new InMemoryStore();
  const scratch = createScratchStore(store, ["mirror/"]);
  await scratch.put("locks/account-a.json", bytes("taken"), { ifAbsent: true });
  expect(await store.get("locks/account-a.json")).toBeDefined();
});
