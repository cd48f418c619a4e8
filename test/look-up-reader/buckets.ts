import { gunzipSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createReaderMatcher } from "../../functions/look-up-reader/reader-matcher.ts";
import { createBucket } from "../../functions/platform/storage/bucket.ts";
import { createFileStore } from "../../functions/platform/storage/file-store.ts";
import { createObjectStore } from "../../functions/platform/storage/object-store.ts";

/** Both buckets of an embedded AWS, as tests look at them. */
export class Buckets {
  readonly s3: S3Client;
  readonly exchange: string;
  readonly archive: string;

  constructor(environment: Readonly<Record<string, string>>) {
    const { AWS_ENDPOINT_URL_S3: endpoint = "", AWS_REGION: region = "" } = environment;
    const credentials = { accessKeyId: "any", secretAccessKey: "any" };
    this.s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    this.exchange = environment["EXCHANGE_BUCKET"] ?? "";
    this.archive = environment["ARCHIVE_BUCKET"] ?? "";
  }

  of(bucket: string) {
    const { s3 } = this;
    return {
      store: createObjectStore(s3, bucket),
      bucket: createBucket(s3, bucket),
      files: createFileStore(s3, bucket),
    };
  }

  async keys(bucket: string, prefix = ""): Promise<string[]> {
    const listed = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    if (listed.IsTruncated) throw new Error("there are more objects than a page has");
    return (listed.Contents ?? []).map(({ Key = "" }) => Key);
  }

  async put(bucket: string, key: string, body: Buffer | string, metadata: Record<string, string> = {}) {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, Metadata: metadata }));
  }

  /** An object as text, decompressed. */
  async text(bucket: string, key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  }

  /** The keys of all objects that hold an address, in whatever spelling, or that look so to anybody who searches for it. */
  async holding(email: string): Promise<string[]> {
    const matcher = createReaderMatcher(email);
    const [local = ""] = email.toLowerCase().split("@");
    const found: string[] = [];
    for (const bucket of [this.exchange, this.archive]) {
      for (const key of await this.keys(bucket)) {
        const text = await this.text(bucket, key);
        const folded = text.normalize("NFC").toLowerCase();
        const isPlain = new RegExp(`(?<![\\w.+-])${local}(@|%40)`).test(folded);
        if (isPlain || matcher.isMentionedIn(text) || key.toLowerCase().includes(local)) found.push(key);
      }
    }
    return found;
  }
}
