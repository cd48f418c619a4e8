import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { bucketError } from "./object-store.ts";

/** The keys under a prefix, in the order of their bytes, a thousand to a request. */
export async function* listKeys(s3: S3Client, bucket: string, prefix: string): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const { Contents = [], NextContinuationToken } = await s3.send(command).catch((error: unknown) => {
      throw bucketError(error, bucket);
    });
    for (const { Key } of Contents) if (Key !== undefined) yield Key;
    token = NextContinuationToken;
  } while (token !== undefined);
}
