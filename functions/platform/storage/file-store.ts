import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as z from "zod";
import { labelsKey } from "./object-keys.ts";
import { bucketError, createObjectStore, isPreconditionFailed, type PutCondition } from "./object-store.ts";

/** What is known about a file without reading it. */
export interface FileDescription {
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface UploadOptions extends PutCondition {
  readonly contentType: string;
  /** Names in lower case, values in ASCII, 2 kB in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One bucket, for files of any size: they are streamed, never held in memory whole. */
export interface FileStore {
  /**
   * Stores a file. It appears when all chunks have arrived, or not at all.
   *
   * @returns its ETag; undefined when the condition did not hold and nothing was written
   */
  upload(key: string, chunks: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<string | undefined>;
  describe(key: string): Promise<FileDescription | undefined>;
  /** The labels of the current file; empty when it has none or there is no file. */
  labelsOf(key: string): Promise<Readonly<Record<string, string>>>;
  /** Replaces the labels of the current file. They are lost when another file is stored at its key. */
  label(key: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** A presigned URL, valid for `lifeMs` or until the credentials that sign it expire, whichever is sooner. */
  linkTo(key: string, lifeMs: number): Promise<string>;
}

/** Of 5 MiB each, kept in memory by the SDK to be sent again. */
const partsInFlight = 2;

const labelsSchema = z.object({ etag: z.string(), labels: z.record(z.string(), z.string()) });

/**
 * Over S3. Its own failures are retried by the SDK and then thrown unchanged. A file's labels are a separate object that
 * contains the file's ETag: S3's object tags would take two more permissions.
 */
export function createFileStore(s3: S3Client, bucket: string): FileStore {
  const objects = createObjectStore(s3, bucket);
  const describe = (key: string) => describeIn(s3, bucket, key);
  return {
    upload: (key, chunks, options) => uploadTo(s3, { Bucket: bucket, Key: key, chunks, options }),
    describe,
    async labelsOf(key) {
      const [file, noted] = await Promise.all([describe(key), objects.get(labelsKey(key))]);
      if (file === undefined || noted === undefined) return {};
      const { etag, labels } = labelsSchema.parse(JSON.parse(Buffer.from(noted.bytes).toString()));
      return etag === file.etag ? labels : {};
    },
    async label(key, labels) {
      const file = await describe(key);
      if (file === undefined) return;
      await objects.put(labelsKey(key), Buffer.from(JSON.stringify({ etag: file.etag, labels })));
    },
    async linkTo(key, lifeMs) {
      const { expiration } = await s3.config.credentials();
      const leftMs = expiration === undefined ? lifeMs : expiration.getTime() - Date.now();
      const expiresIn = Math.max(1, Math.floor(Math.min(lifeMs, leftMs) / 1000));
      return await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
    },
  };
}

async function describeIn(s3: S3Client, bucket: string, key: string): Promise<FileDescription | undefined> {
  try {
    const { ETag = "", Metadata = {} } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { etag: ETag, metadata: Metadata };
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw bucketError(error, bucket);
  }
}

async function uploadTo(
  s3: S3Client,
  file: { Bucket: string; Key: string; chunks: AsyncIterable<Uint8Array>; options: UploadOptions },
): Promise<string | undefined> {
  const { Bucket, Key, chunks, options } = file;
  const { contentType, metadata, ifAbsent, ifMatch, signal } = options;
  signal.throwIfAborted();
  const body = Readable.from(chunks, { objectMode: false });
  const upload = new Upload({
    client: s3,
    queueSize: partsInFlight,
    params: {
      Bucket,
      Key,
      Body: body,
      ContentType: contentType,
      ...(metadata && { Metadata: { ...metadata } }),
      ...(ifAbsent && { IfNoneMatch: "*" }),
      ...(ifMatch !== undefined && { IfMatch: ifMatch }),
    },
  });
  const abort = () => void upload.abort();
  signal.addEventListener("abort", abort);
  try {
    const { ETag } = await upload.done();
    return ETag ?? "";
  } catch (error) {
    signal.throwIfAborted();
    if (isPreconditionFailed(error)) return undefined;
    throw bucketError(error, Bucket);
  } finally {
    signal.removeEventListener("abort", abort);
    body.destroy();
  }
}
