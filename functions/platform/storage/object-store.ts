import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ConfigurationError } from "../../domain/errors.ts";

/** An object's bytes and the tag that changes with them. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** What a write asks of the object that stands at its key: that there is none, or that it still is that one. */
export interface PutCondition {
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
}

/** One bucket, as small whole objects. */
export interface ObjectStore {
  /** @returns the new object's tag; undefined when the condition did not hold and nothing was written */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<string | undefined>;
  get(key: string): Promise<StoredObject | undefined>;
}

/** The bucket's objects over S3; failures of S3 itself are retried by the SDK and then thrown as they are. */
export function createObjectStore(s3: S3Client, bucket: string): ObjectStore {
  return {
    async put(key, bytes, condition = {}) {
      try {
        const answer = await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ...(condition.ifAbsent && { IfNoneMatch: "*" }),
            ...(condition.ifMatch !== undefined && {
              IfMatch: condition.ifMatch,
            }),
          }),
        );
        return answer.ETag ?? "";
      } catch (error) {
        if (isConditionFailure(error)) return undefined;
        throw explained(error, bucket);
      }
    },
    async get(key) {
      try {
        const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const bytes = await answer.Body?.transformToByteArray();
        return { bytes: bytes ?? new Uint8Array(), etag: answer.ETag ?? "" };
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
        throw explained(error, bucket);
      }
    },
  };
}

/** 412 is a condition that does not hold, 409 one that another write is just deciding, 404 an object gone. */
export function isConditionFailure(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.$metadata.httpStatusCode === 412 ||
      error.name === "ConditionalRequestConflict" ||
      error.name === "NoSuchKey")
  );
}

/** S3 says little of what it refuses: which bucket it was, and that only the operator can mend it. */
export function explained(error: unknown, bucket: string): unknown {
  if (!(error instanceof S3ServiceException) || error.$fault !== "client") return error;
  return new ConfigurationError(`the bucket ${bucket}`, `S3 refused the function with ${error.name}`, {
    cause: error,
  });
}
