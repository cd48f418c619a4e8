import { S3Client } from "@aws-sdk/client-s3";

/** Uses path-style URLs with a custom endpoint, as few of those have a host name for each bucket. */
export function createS3Client(): S3Client {
  return new S3Client({ forcePathStyle: process.env["AWS_ENDPOINT_URL_S3"] !== undefined });
}
