import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createObjectStore, type ObjectStore } from "../../../functions/platform/storage/object-store.ts";
import { startEmbeddedS3 } from "../../../infra/local/embedded-s3.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

let embedded: Awaited<ReturnType<typeof startEmbeddedS3>>;
let s3: S3Client;

beforeAll(async () => {
  embedded = await startEmbeddedS3({ buckets: ["exchange"] });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  s3 = new S3Client({ endpoint: embedded.url, region: "eu-west-3", credentials, forcePathStyle: true });
});
afterAll(async () => {
  s3.destroy();
  await embedded.stop();
});

describe.each([
  ["over S3", () => createObjectStore(s3, "exchange")],
  ["in memory", () => new InMemoryStore()],
] as [string, () => ObjectStore][])("an object store %s", (name, create) => {
  const bytes = (text: string) => Buffer.from(text);
  const key = (suffix: string) => `${name}/${suffix}`;

  test("returns what was put, and undefined for an unknown key", async () => {
    const store = create();
    const etag = await store.put(key("a"), bytes("one"));
    expect(await store.get(key("a"))).toEqual({ bytes: Uint8Array.from(bytes("one")), etag });
    expect(await store.get(key("missing"))).toBeUndefined();
  });

  test("an empty object exists", async () => {
    const store = create();
    await store.put(key("empty"), new Uint8Array());
    expect((await store.get(key("empty")))?.bytes).toHaveLength(0);
  });

  test("one of many concurrent writes succeeds if there must be no object", async () => {
    const store = create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.put(key("lock"), bytes(String(n)), { ifAbsent: true })),
    );
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  test("a write succeeds only while the object has the given ETag", async () => {
    const store = create();
    const first = (await store.put(key("match"), bytes("one")))!;
    const second = await store.put(key("match"), bytes("two"), { ifMatch: first });
    expect(second).toBeDefined();
    expect(await store.put(key("match"), bytes("three"), { ifMatch: first })).toBeUndefined();
    expect(await store.put(key("never"), bytes("x"), { ifMatch: first })).toBeUndefined();
    expect((await store.get(key("match")))?.bytes).toEqual(Uint8Array.from(bytes("two")));
  });
});
