import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  NotFound,
  S3Client,
} from "@aws-sdk/client-s3";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";

/** The variables of a function that say where its buckets are. */
export interface BucketEnvironment {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL_S3: string;
  readonly AWS_ACCESS_KEY_ID?: string;
  readonly AWS_SECRET_ACCESS_KEY?: string;
  readonly AWS_SESSION_TOKEN?: string;
  readonly EXCHANGE_BUCKET: string;
  readonly ARCHIVE_BUCKET: string;
}

/** Creates the buckets that do not exist; in an embedded S3, also releases the locks. */
export async function prepareBuckets({
  environment,
  isEmbedded,
}: {
  readonly environment: BucketEnvironment;
  readonly isEmbedded: boolean;
}): Promise<void> {
  const { AWS_REGION: region, EXCHANGE_BUCKET, ARCHIVE_BUCKET } = environment;
  const s3 = clientFor(environment);
  for (const bucket of [EXCHANGE_BUCKET, ARCHIVE_BUCKET]) await createBucket(s3, bucket, region);
  if (isEmbedded) await releaseLocks(s3, EXCHANGE_BUCKET);
  s3.destroy();
}

function clientFor(environment: BucketEnvironment): S3Client {
  const { AWS_REGION, AWS_ENDPOINT_URL_S3 } = environment;
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN } = environment;
  const credentials = AWS_ACCESS_KEY_ID && {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
  const place = { region: AWS_REGION, endpoint: AWS_ENDPOINT_URL_S3, forcePathStyle: true };
  return new S3Client({ ...place, ...(credentials && { credentials }) });
}

async function createBucket(s3: S3Client, bucket: string, region: string): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    // S3 accepts no location constraint for its oldest region.
    const place = region === "us-east-1" ? {} : { LocationConstraint: region as BucketLocationConstraint };
    await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: place }));
  }
}

/** Nobody else uses an embedded S3: a lock in it was left by a run that was interrupted. */
async function releaseLocks(s3: S3Client, bucket: string): Promise<void> {
  const locks = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: exchangePrefixes.locks }));
  for (const { Key } of locks.Contents ?? []) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
}
