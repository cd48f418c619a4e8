import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalEmail } from "../../../../functions/domain/email.ts";
import { CredentialError } from "../../../../functions/domain/errors.ts";
import type { Change } from "../../../../functions/domain/plan.ts";
import type { Return } from "../../../../functions/domain/return.ts";
import {
  blocksIn,
  encodeStored,
  recordsOf,
  withoutReader,
} from "../../../../functions/platform/storage/history/history-block.ts";
import {
  createReaderHash,
  readReaderHash,
} from "../../../../functions/platform/storage/history/reader-hash.ts";
import { RunHistory } from "../../../../functions/platform/storage/history/run-history.ts";
import { historyKey } from "../../../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../../../functions/platform/storage/object-store.ts";
import { InMemoryStore } from "../../../support/in-memory-store.ts";

const key = "0123456789abcdef0123456789abcdef";
const hash = createReaderHash(key);
const startedAt = new Date("2026-11-30T04:00:00Z");
const day = historyKey("daily", "2026-11-30");

const subscribe = (email: string): Change => ({
  kind: "subscribe",
  email,
  reason: "not at the provider",
  fields: {},
  saw: null,
});
const told = (email: string): Return => ({
  kind: "return",
  tells: "unsubscribed",
  address: canonicalEmail(email),
  email,
  reason: "unsubscribed at the provider, cause READER",
  cause: "READER",
  changedAt: "2026-11-29T10:20:30.000Z",
});

function historyIn(
  store: ObjectStore,
  { run = "run-1", readHash = async () => hash, notes = [] as string[] } = {},
) {
  return new RunHistory({
    store,
    list: "daily",
    run: { id: run, startedAt },
    about: { job: "sync-subscribers", startedBy: "schedule" },
    readHash,
    note: (text) => notes.push(text),
  });
}

/** What the object of the day says of an address, run by run. */
async function saidOf(email: string, store: ObjectStore, { at = day, damaged = () => {} } = {}) {
  const object = await store.get(at);
  return [...blocksIn(object?.bytes ?? new Uint8Array(), damaged)].map((block) => ({
    run: block.header.run,
    records: [...recordsOf(hash(canonicalEmail(email)), block)],
  }));
}

test.each(["reader@example.fr", "", "é@bücher.example", "x".repeat(300)])(
  "the hash of %j is HMAC-SHA256",
  (text) => {
    expect(Buffer.from(hash(text), "latin1")).toEqual(createHmac("sha256", key).update(text).digest());
  },
);

test("a secret that is no key of a deployment is refused", async () => {
  await expect(readReaderHash(async () => ({ key: "short" }), "key")).rejects.toThrow(CredentialError);
  await expect(readReaderHash(async () => ({ key }), "key")).resolves.toBeTypeOf("function");
});

test("a run's plan and what became of it are found by the address in any spelling, and hold none", async () => {
  const store = new InMemoryStore();
  const history = historyIn(store);
  history.addPlanned(subscribe("Anna@Bücher.example"));
  history.begin();
  history.addPlanned(told("bob@example.fr"));
  history.writePlan();
  history.addApplied([subscribe("Anna@Bücher.example")]);
  history.addTold([told("bob@example.fr")]);
  history.confirmTold();
  await history.end();
  const anna = { deed: "subscribe", reason: "not at the provider", at: undefined };
  expect((await saidOf("anna@xn--bcher-kva.example", store)).flatMap(({ records }) => records)).toEqual([
    { ...anna, stage: "planned" },
    { ...anna, stage: "done" },
  ]);
  const bob = await saidOf("BOB@example.fr", store);
  expect(bob.flatMap(({ records }) => records)).toMatchObject([
    { deed: "unsubscribed", stage: "planned", at: Date.parse("2026-11-29T10:20Z") },
    { stage: "done" },
  ]);
  expect(Buffer.from((await store.get(day))!.bytes).toString("latin1")).not.toMatch(/@|anna/i);
});

test("a day's runs share an object, in their order", async () => {
  const store = new InMemoryStore();
  for (const run of ["run-1", "run-2"]) {
    const history = historyIn(store, { run });
    history.addPlanned(subscribe("anna@example.fr"));
    await history.end();
  }
  expect((await saidOf("anna@example.fr", store)).map(({ run }) => run)).toEqual(["run-1", "run-2"]);
  expect(store.objects.size).toBe(1);
});

test("a run that touches a great many readers leaves the day's object as it is, and has its own", async () => {
  const store = new InMemoryStore();
  await historyIn(store, { run: "small" }).end();
  const before = (await store.get(day))?.etag;
  const history = historyIn(store, { run: "large" });
  history.begin();
  await Promise.resolve();
  for (let n = 0; n < 20_000; n++) history.addPlanned(subscribe(`r${n}@example.fr`));
  await history.end();
  expect((await store.get(day))?.etag).toBe(before);
  const at = historyKey("daily", "2026-11-30", "large-1");
  expect(await saidOf("r19999@example.fr", store, { at })).toMatchObject([
    { records: [{ deed: "subscribe" }] },
  ]);
});

test("a run that touches very many readers does not hold them all", async () => {
  const store = new InMemoryStore();
  const history = historyIn(store);
  history.begin();
  await Promise.resolve();
  for (let n = 0; n < 150_000; n++) history.addPlanned(subscribe(`r${n}@example.fr`));
  await history.end();
  const sizes = [...store.objects.values()].map(({ bytes }) => bytes.length);
  expect(sizes).toHaveLength(3);
  expect(Math.max(...sizes)).toBeLessThan(1_100_000);
  const at = historyKey("daily", "2026-11-30", "run-1-2");
  expect(await saidOf("r100000@example.fr", store, { at })).toMatchObject([{ records: [{}] }]);
});

test("a block that is damaged is passed over, and said; those around it are read", async () => {
  const store = new InMemoryStore();
  for (const run of ["run-1", "run-2", "run-3"]) {
    const history = historyIn(store, { run });
    history.addPlanned(subscribe("anna@example.fr"));
    await history.end();
  }
  const { bytes } = (await store.get(day))!;
  const third = Math.floor(bytes.length / 3);
  for (let at = 0; at < bytes.length; at++) {
    const spoilt = Uint8Array.from(bytes);
    spoilt[at]! ^= 0x55;
    await store.put(day, spoilt);
    let damages = 0;
    const runs = (await saidOf("anna@example.fr", store, { damaged: () => damages++ })).map(({ run }) => run);
    const expected = ["run-1", "run-2", "run-3"].filter((_, n) => n !== Math.floor(at / third));
    expect(runs).toEqual(expected);
    expect(damages).toBeGreaterThan(0);
  }
});

test("an object that is cut or is none of ours is said to be damaged, and a run goes on after it", async () => {
  const store = new InMemoryStore();
  await store.put(day, Buffer.from("nothing of ours"));
  const history = historyIn(store);
  history.addPlanned(subscribe("anna@example.fr"));
  await history.end();
  let damages = 0;
  expect(await saidOf("anna@example.fr", store, { damaged: () => damages++ })).toHaveLength(1);
  expect(damages).toBe(1);
});

test.each([
  [
    "the key cannot be read",
    {
      readHash: async () => {
        throw new CredentialError("key", "it is gone");
      },
    },
    {},
  ],
  [
    "S3 fails",
    {},
    {
      get: async () => {
        throw new Error("anna@example.fr");
      },
    },
  ],
])("when %s, the run goes on with a note that names nobody", async (_, options, broken) => {
  const notes: string[] = [];
  const store = Object.assign(new InMemoryStore(), broken);
  const history = historyIn(store, { ...options, notes });
  history.addPlanned(subscribe("anna@example.fr"));
  history.writePlan();
  await history.end();
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^what this run did to each reader is not in the history: /);
  expect(notes[0]).not.toContain("@");
});

test("when another writes the day's object at the same time, both are in it", async () => {
  const store = new InMemoryStore();
  const put = store.put.bind(store);
  let interferes = true;
  store.put = async (at, bytes, condition) => {
    if (interferes) {
      interferes = false;
      const other = historyIn(store, { run: "other" });
      await other.end();
    }
    return put(at, bytes, condition);
  };
  await historyIn(store).end();
  expect((await saidOf("anna@example.fr", store)).map(({ run }) => run).toSorted()).toEqual([
    "other",
    "run-1",
  ]);
});

test("a put whose answer was lost is not repeated", async () => {
  const store = new InMemoryStore();
  const put = store.put.bind(store);
  store.put = async (at, bytes, condition) => {
    await put(at, bytes, condition);
    return put(at, bytes, condition);
  };
  await historyIn(store).end();
  expect(await saidOf("anna@example.fr", store)).toHaveLength(1);
});

test("a reader is taken out of a block, and nobody else", async () => {
  const store = new InMemoryStore();
  const history = historyIn(store);
  for (const email of ["anna@example.fr", "bob@example.fr", "anna@example.fr"])
    history.addPlanned(subscribe(email));
  await history.end();
  const [block] = blocksIn((await store.get(day))!.bytes, () => {});
  const left = withoutReader(hash("anna@example.fr"), block!)!;
  await store.put(day, left);
  expect((await saidOf("anna@example.fr", store))[0]?.records).toEqual([]);
  expect((await saidOf("bob@example.fr", store))[0]?.records).toHaveLength(1);
  expect(withoutReader(hash("zoe@example.fr"), block!)).toBeUndefined();
  expect(Buffer.from(encodeStored(block!)).length - left.length).toBe(32);
});
