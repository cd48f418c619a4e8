import { S3Client } from "@aws-sdk/client-s3";

/** The SDK's S3 client; an endpoint of one's own is seldom one that answers to a host name for each bucket. */
export function createS3Client(): S3Client {
  return new S3Client({ forcePathStyle: process.env["AWS_ENDPOINT_URL_S3"] !== undefined });
}
