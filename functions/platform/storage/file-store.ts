import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as z from "zod";
import { labelsKey } from "./object-keys.ts";
import { createObjectStore, explained, isConditionFailure, type PutCondition } from "./object-store.ts";

/** What is known of a file without reading it. */
export interface FileDescription {
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface UploadOptions extends PutCondition {
  readonly contentType: string;
  /** Names in lower case and values in ASCII, 2 kB in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One bucket, as files of any size that are never held in memory whole. */
export interface FileStore {
  /**
   * Stores what the chunks bring. The file appears when all of them have come, or not at all.
   *
   * @returns its tag; undefined when the condition did not hold and nothing was written
   */
  upload(key: string, chunks: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<string | undefined>;
  describe(key: string): Promise<FileDescription | undefined>;
  /** What was last noted of the file as it now stands; nothing where there is no file. */
  labelsOf(key: string): Promise<Readonly<Record<string, string>>>;
  /** Notes something of the file as it now stands: another file at its key has no labels. */
  label(key: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** A URL at which anyone may read the file until then, or until the credentials end that sign it. */
  linkTo(key: string, lifeMs: number): Promise<string>;
}

/** Parts of 5 MiB, each of which the SDK sends again from memory when S3 does not take it. */
const partsInFlight = 2;

const labelsSchema = z.object({ etag: z.string(), labels: z.record(z.string(), z.string()) });

/**
 * The bucket's files over S3; failures of S3 itself are retried by the SDK and then thrown as they are. A file's
 * labels are an object of their own that names the file's tag, as S3's own tags would need two rights more.
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
    throw explained(error, bucket);
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
    if (isConditionFailure(error)) return undefined;
    throw explained(error, Bucket);
  } finally {
    signal.removeEventListener("abort", abort);
    body.destroy();
  }
}
