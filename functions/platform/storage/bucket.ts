import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from "@aws-sdk/client-s3";
import { bucketError } from "./object-store.ts";

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly changedAt: Date;
}

/** An object as it is read piece by piece, and what has to be kept where it is written anew. */
export interface OpenObject {
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** One bucket, for whoever looks through what is in it. */
export interface Bucket {
  /** In the order of the keys. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Undefined if there is no object. The body has to be read to its end, or destroyed. */
  open(key: string): Promise<OpenObject | undefined>;
  remove(key: string): Promise<void>;
}

/** Over S3. Its own failures are retried by the SDK and then thrown unchanged. */
export function createBucket(s3: S3Client, bucket: string): Bucket {
  const fail = (error: unknown): never => {
    throw bucketError(error, bucket);
  };
  return {
    async *list(prefix) {
      let next: string | undefined;
      do {
        const page = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next });
        const { Contents = [], NextContinuationToken } = await s3.send(page).catch(fail);
        for (const { Key = "", Size = 0, LastModified = new Date(0) } of Contents) {
          yield { key: Key, bytes: Size, changedAt: LastModified };
        }
        next = NextContinuationToken;
      } while (next !== undefined);
    },
    async open(key) {
      try {
        const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const { Body, ETag = "", ContentType = "application/octet-stream", Metadata = {} } = answer;
        return { etag: ETag, contentType: ContentType, metadata: Metadata, body: Body as Readable };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        return fail(error);
      }
    },
    async remove(key) {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(fail);
    },
  };
}
