import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type EmbeddedS3, startEmbeddedS3 } from "../../infra/local/embedded-s3.ts";

const Bucket = "exchange";
const credentials = { accessKeyId: "any", secretAccessKey: "any" };
const clientOf = ({ url }: EmbeddedS3) => new S3Client({ endpoint: url, region: "eu-west-3", credentials });

async function textOf(s3: S3Client, Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

async function uploadInParts(
  s3: S3Client,
  Key: string,
  conditions: { IfNoneMatch?: string; IfMatch?: string },
) {
  const upload = { Bucket, Key, UploadId: (await begin()).UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "in parts" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  return s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, ...conditions }));
  function begin() {
    return s3.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { rows: "1" } }));
  }
}

describe("conditional writes", () => {
  let server: EmbeddedS3;
  let s3: S3Client;
  beforeAll(async () => {
    server = await startEmbeddedS3({ buckets: [Bucket] });
    s3 = clientOf(server);
  });
  afterAll(() => server.stop());

  const put = (Key: string, Body: string, conditions = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }));

  test("If-None-Match: an object is written once", async () => {
    await put("once", "first", { IfNoneMatch: "*" });
    await expect(put("once", "second", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      $metadata: { httpStatusCode: 412 },
    });
    await expect(uploadInParts(s3, "once", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    expect(await textOf(s3, "once")).toBe("first");
  });

  test("If-None-Match: of two overlapping uploads, the later one is a conflict", async () => {
    const path = `${server.url}/${Bucket}/race`;
    const headers = { "if-none-match": "*", "content-length": 5, expect: "100-continue" };
    const first = request(path, { method: "PUT", headers });
    first.flushHeaders();
    await new Promise((resolve) => first.once("continue", resolve));
    await expect(put("race", "second", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "ConditionalRequestConflict",
      $metadata: { httpStatusCode: 409 },
    });
    const answer = new Promise((resolve) => first.once("response", resolve));
    first.end("first");
    expect(await answer).toMatchObject({ statusCode: 200 });
    expect(await textOf(s3, "race")).toBe("first");
    await expect(put("race", "third", { IfNoneMatch: "*" })).rejects.toThrow("pre-conditions");
  });

  test("If-None-Match: one of ten concurrent writes succeeds", async () => {
    const attempts = Array.from({ length: 10 }, (_, at) => put("lock", String(at), { IfNoneMatch: "*" }));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("If-Match: an object is replaced or deleted only if it is unchanged", async () => {
    const { ETag: IfMatch = "" } = await put("state", "one");
    await put("state", "two", { IfMatch });
    await expect(put("state", "three", { IfMatch })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(uploadInParts(s3, "state", { IfMatch })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    const stale = s3.send(new DeleteObjectCommand({ Bucket, Key: "state", IfMatch }));
    await expect(stale).rejects.toMatchObject({ name: "PreconditionFailed" });
    expect(await textOf(s3, "state")).toBe("two");
  });

  test("If-Match: an object that is gone is not written", async () => {
    const IfMatch = '"d41d8cd98f00b204e9800998ecf8427e"';
    await expect(put("gone", "one", { IfMatch })).rejects.toMatchObject({
      name: "NoSuchKey",
      $metadata: { httpStatusCode: 404 },
    });
    await expect(uploadInParts(s3, "gone", { IfMatch })).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("an upload may be larger than fauxqs itself allows", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: Buffer.alloc(12 * 1024 ** 2) }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "large" }));
    expect(head.ContentLength).toBe(12 * 1024 ** 2);
  });
});

describe("with a directory", () => {
  const directory = mkdtempSync(join(tmpdir(), "newsletter-sync-s3-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  test("objects, their metadata and their ETags outlive the server", async () => {
    const first = await startEmbeddedS3({ directory, buckets: [Bucket] });
    const s3 = clientOf(first);
    const whole = await s3.send(new PutObjectCommand({ Bucket, Key: "a/b é", Body: "kept" }));
    await uploadInParts(s3, "a/parts", {});
    await first.stop();

    const second = await startEmbeddedS3({ directory });
    onTestFinished(() => second.stop());
    const again = clientOf(second);
    expect(await textOf(again, "a/b é")).toBe("kept");
    expect(await textOf(again, "a/parts")).toBe("in parts");
    const head = await again.send(new HeadObjectCommand({ Bucket, Key: "a/parts" }));
    expect(head.Metadata).toEqual({ rows: "1" });
    const replaced = new PutObjectCommand({ Bucket, Key: "a/b é", Body: "new", IfMatch: whole.ETag });
    await expect(again.send(replaced)).resolves.toBeDefined();
  });

  test("two servers cannot share it, as they would not see each other's locks", async () => {
    const first = await startEmbeddedS3({ directory });
    await expect(startEmbeddedS3({ directory })).rejects.toThrow(`another process is using ${directory}`);
    await first.stop();
    await (await startEmbeddedS3({ directory })).stop();
  });
});
