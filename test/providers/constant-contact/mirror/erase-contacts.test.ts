import { expect, test } from "vitest";
import { readChunk } from "../../../../functions/platform/storage/ndjson-chunks.ts";
import { mirrorAskedKey } from "../../../../functions/platform/storage/object-keys.ts";
import { AskedReaders } from "../../../../functions/providers/constant-contact/asked-readers.ts";
import { DamagedMirrorError } from "../../../../functions/providers/constant-contact/mirror/damaged-mirror-error.ts";
import {
  eraseContacts,
  liveRows,
} from "../../../../functions/providers/constant-contact/mirror/erase-contacts.ts";
import type { MirrorContact } from "../../../../functions/providers/constant-contact/mirror/mirror-contact.ts";
import { addressKey } from "../../../../functions/providers/constant-contact/mirror/newcomers.ts";
import { day } from "./in-memory-account.ts";
import { MirrorWorld } from "./mirror-world.ts";

const email = "a@example.fr";
const keep = (contact: MirrorContact) => (contact.email === email ? undefined : contact);

/** Two readers joined the daily list, and one of them has left it. */
async function worldWithMirror(): Promise<MirrorWorld> {
  const world = new MirrorWorld();
  const createdAt = world.clock.now() - 9 * day;
  for (const id of ["a", "b"]) world.account.add(id, { createdAt, updatedAt: createdAt, lists: ["daily"] });
  await world.run();
  world.clock.pass(24 * 60);
  world.account.leave("b", "daily");
  await world.run();
  return world;
}

const placeOf = ({ store }: MirrorWorld) => ({ store, account: "main" });

/** The rows of the objects that the mirror consists of. */
async function liveText(world: MirrorWorld): Promise<string> {
  const live = await liveRows(placeOf(world));
  const keys = [...world.store.objects.keys()].filter((key) => live.has(key.split("/")[2] ?? ""));
  return JSON.stringify(await Promise.all(keys.map((key) => readChunk(world.store, key))));
}

test("a reader's contact is gone from what the mirror consists of, and who else left is remembered", async () => {
  const world = await worldWithMirror();
  expect(await eraseContacts(placeOf(world), { email, keep })).toBe(1);
  expect(await liveText(world)).not.toContain(email);
  const rows = await world.rowsOf(await reopened(world));
  expect(MirrorWorld.wordFor(rows, "a")).toBe("nobody");
  expect(MirrorWorld.wordFor(rows, "b")).toBe("READER");
});

/** Without reading the account: a contact who is still there would be known again. */
async function reopened(world: MirrorWorld) {
  world.account.change("a", { email: undefined });
  const mirror = world.open();
  await mirror.refresh({ signal: world.signal });
  return mirror;
}

test("a contact who was only seen in the log, with an address that has changed since, is gone from it, too", async () => {
  const world = await worldWithMirror();
  world.clock.pass(60);
  world.account.change("b", { email, updatedAt: world.clock.now() });
  await world.run();
  world.clock.pass(60);
  world.account.change("b", { email: "b@example.fr", updatedAt: world.clock.now() });
  await world.run();
  await eraseContacts(placeOf(world), { email, keep });
  expect(await liveText(world)).not.toContain(email);
});

test("an import that is to put the reader on a list forgets the hash of the address, and no other", async () => {
  const world = await worldWithMirror();
  const mirror = world.open();
  await mirror.refresh({ signal: world.signal });
  const joining = await mirror.storeJoining({ contactIds: [], emails: [email, "new@example.fr"] });
  const at = world.clock.now();
  await mirror.recordAddition({ list: "daily", beganAt: at, endedAt: at, joining });
  await mirror.setPending("daily", [{ list: "daily", kind: "import", startedAt: at, joining }]);
  await eraseContacts(placeOf(world), { email, keep });
  const text = await liveText(world);
  expect(text).not.toContain(addressKey(email));
  expect(text).toContain(addressKey("new@example.fr"));
});

test("whom the provider was asked to mail is forgotten by the contact's id", async () => {
  const world = await worldWithMirror();
  await new AskedReaders(placeOf(world)).add(["a", "b"], 1);
  await eraseContacts(placeOf(world), { email, keep });
  const { bytes } = (await world.store.get(mirrorAskedKey("main")))!;
  expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ b: 1 });
});

test("an account that was never read stays so, and one without the reader is left as it is", async () => {
  const nothing = new MirrorWorld();
  expect(await eraseContacts(placeOf(nothing), { email, keep })).toBe(0);
  expect(nothing.store.objects.size).toBe(0);
  const world = await worldWithMirror();
  const objects = new Map(world.store.objects);
  expect(await eraseContacts(placeOf(world), { email: "x@example.fr", keep: (contact) => contact })).toBe(0);
  expect(world.store.objects).toEqual(objects);
});

test("a mirror of which a part is missing is not taken for one without the reader", async () => {
  const world = await worldWithMirror();
  const live = await liveRows(placeOf(world));
  for (const key of world.store.objects.keys()) {
    if (live.has(key.split("/")[2] ?? "")) world.store.objects.delete(key);
  }
  await expect(eraseContacts(placeOf(world), { email, keep })).rejects.toThrow(DamagedMirrorError);
});
