import { randomBytes } from "node:crypto";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../functions/domain/errors.ts";
import { createFileStore, type FileStore } from "../../../functions/platform/storage/file-store.ts";
import { type EmbeddedS3, startEmbeddedS3 } from "../../../infra/local/embedded-s3.ts";

const bucket = "files";
const never = new AbortController().signal;
const csv = { contentType: "text/csv", signal: never };
/** Several parts of an upload, which are 5 MiB each. */
const large = randomBytes(12 * 1024 * 1024);

let server: EmbeddedS3;
let s3: S3Client;
let files: FileStore;
let name = 0;
let key: string;

beforeAll(async () => {
  server = await startEmbeddedS3({ buckets: [bucket] });
  s3 = clientWith({ accessKeyId: "local", secretAccessKey: "local" });
  files = createFileStore(s3, bucket);
});
afterAll(async () => {
  s3.destroy();
  await server.stop();
});
beforeEach(() => {
  key = `file-${name++}.csv`;
});

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string; expiration?: Date }) {
  return new S3Client({ endpoint: server.url, region: "eu-west-3", forcePathStyle: true, credentials });
}

async function* chunksOf(bytes: Uint8Array, size = 100_000) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function stored(): Promise<Buffer | undefined> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key }));
  if (Contents.length === 0) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from(await Body!.transformToByteArray());
}

describe.each([
  ["of one part", Buffer.from("email\nanna@example.fr\n")],
  ["of several parts", large],
])("a file %s", (_, bytes) => {
  test("is stored unchanged, with its metadata", async () => {
    const etag = await files.upload(key, chunksOf(bytes), { ...csv, metadata: { rows: "1" } });
    expect((await stored())?.equals(bytes)).toBe(true);
    expect(await files.describe(key)).toEqual({ etag, metadata: { rows: "1" } });
  });

  test("is not stored when its chunks break off", async () => {
    async function* broken() {
      yield* chunksOf(bytes);
      throw new Error("the chunks broke off");
    }
    await expect(files.upload(key, broken(), csv)).rejects.toThrow("the chunks broke off");
    expect(await stored()).toBeUndefined();
  });

  test("is not stored when the run stops before the last chunk", async () => {
    const stop = new AbortController();
    async function* stopping() {
      yield* chunksOf(bytes);
      stop.abort(new Error("time is over"));
      yield Buffer.from("late");
    }
    const uploading = files.upload(key, stopping(), { ...csv, signal: stop.signal });
    await expect(uploading).rejects.toThrow("time is over");
    expect(await stored()).toBeUndefined();
  });

  test("replaces another file only if the condition holds", async () => {
    const first = await files.upload(key, chunksOf(Buffer.from("first")), csv);
    expect(await files.upload(key, chunksOf(bytes), { ...csv, ifAbsent: true })).toBeUndefined();
    expect(await files.upload(key, chunksOf(bytes), { ...csv, ifMatch: '"another"' })).toBeUndefined();
    expect(String(await stored())).toBe("first");
    expect(await files.upload(key, chunksOf(bytes), { ...csv, ifMatch: first! })).toBeDefined();
    expect((await stored())?.equals(bytes)).toBe(true);
  });
});

test("a file that does not exist has no description and no labels", async () => {
  expect(await files.describe(key)).toBeUndefined();
  expect(await files.labelsOf(key)).toEqual({});
});

test("labels can change without the file", async () => {
  const etag = await files.upload(key, chunksOf(Buffer.from("a")), csv);
  expect(await files.labelsOf(key)).toEqual({});
  await files.label(key, { "fetched-at": "2026-03-01T04:30:00.000Z" });
  await files.label(key, { "fetched-at": "2026-03-02T04:30:00.000Z" });
  expect(await files.labelsOf(key)).toEqual({ "fetched-at": "2026-03-02T04:30:00.000Z" });
  expect(await files.describe(key)).toMatchObject({ etag });
});

test("labels are lost when their file is replaced", async () => {
  await files.upload(key, chunksOf(Buffer.from("a")), csv);
  await files.label(key, { "fetched-at": "2026-03-01T04:30:00.000Z" });
  await files.upload(key, chunksOf(Buffer.from("b")), csv);
  expect(await files.labelsOf(key)).toEqual({});
});

describe("a link", () => {
  const lifeOf = (link: string) => Number(new URL(link).searchParams.get("X-Amz-Expires"));

  test("lets anyone fetch the file for the given time", async () => {
    await files.upload(key, chunksOf(Buffer.from("email\n")), csv);
    const link = await files.linkTo(key, 90_000);
    expect(lifeOf(link)).toBe(90);
    const answer = await fetch(link);
    expect([await answer.text(), answer.headers.get("content-type")]).toEqual(["email\n", "text/csv"]);
  });

  test("is not valid for longer than the credentials that sign it", async () => {
    const expiration = new Date(Date.now() + 60_000);
    const client = clientWith({ accessKeyId: "local", secretAccessKey: "local", expiration });
    const life = lifeOf(await createFileStore(client, bucket).linkTo(key, 3_600_000));
    client.destroy();
    expect(life).toBeGreaterThan(50);
    expect(life).toBeLessThanOrEqual(60);
  });
});

test("a bucket that S3 refuses access to is a configuration error that names it", async () => {
  const nowhere = createFileStore(s3, "nowhere");
  await expect(nowhere.upload(key, chunksOf(Buffer.from("a")), csv)).rejects.toThrow(ConfigurationError);
  await expect(nowhere.upload(key, chunksOf(Buffer.from("a")), csv)).rejects.toThrow(/^the bucket nowhere: /);
});
