import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ConfigurationError } from "../../domain/errors.ts";
import { nameOf } from "../../domain/unforeseen-error.ts";

/** An object's bytes, and its ETag, which changes with them. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** A conditional write: only if there is no object at the key, or only if it still has this ETag. */
export interface PutCondition {
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
}

interface PutOptions extends PutCondition {
  /** What a browser takes it for. @default S3's own: bytes, which it downloads */
  readonly contentType?: string;
}

/** One bucket, for small objects that are read and written whole. A FileStore is for large ones. */
export interface ObjectStore {
  /** @returns the new object's ETag; undefined when the condition did not hold and nothing was written */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<string | undefined>;
  get(key: string): Promise<StoredObject | undefined>;
}

/** Over S3. Its own failures are retried by the SDK and then thrown unchanged. */
export function createObjectStore(s3: S3Client, bucket: string): ObjectStore {
  return {
    async put(key, bytes, { contentType, ...condition } = {}) {
      try {
        const { ETag } = await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ...(contentType !== undefined && { ContentType: contentType }),
            ...(condition.ifAbsent && { IfNoneMatch: "*" }),
            ...(condition.ifMatch !== undefined && {
              IfMatch: condition.ifMatch,
            }),
          }),
        );
        return ETag ?? "";
      } catch (error) {
        if (isPreconditionFailed(error)) return undefined;
        throw bucketError(error, bucket);
      }
    },
    async get(key) {
      try {
        const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const bytes = await Body?.transformToByteArray();
        return { bytes: bytes ?? new Uint8Array(), etag: ETag ?? "" };
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
        throw bucketError(error, bucket);
      }
    },
  };
}

/** Whether a conditional write failed: on its condition (412), on a concurrent write (409), or as the object is gone (404). */
export function isPreconditionFailed(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.$metadata.httpStatusCode === 412 ||
      error.name === "ConditionalRequestConflict" ||
      error.name === "NoSuchKey")
  );
}

/** Names the bucket that S3 refused access to, as S3 itself does not; any other error stays as it is. */
export function bucketError(error: unknown, bucket: string): unknown {
  if (!(error instanceof S3ServiceException) || error.$fault !== "client") return error;
  return new ConfigurationError(`the bucket ${bucket}`, `S3 refused the function with ${nameOf(error)}`, {
    cause: error,
  });
}
