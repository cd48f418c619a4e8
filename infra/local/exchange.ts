import { S3Client } from "@aws-sdk/client-s3";
import { listKeys } from "../../functions/platform/storage/list-keys.ts";
import { createObjectStore, type ObjectStore } from "../../functions/platform/storage/object-store.ts";

/** The exchange bucket, as a function has it. */
export interface Exchange {
  readonly store: ObjectStore;
  /** The keys under a prefix, in their order. */
  listKeys(prefix: string): AsyncIterable<string>;
}

/** Uses the bucket and the endpoint in a function's environment. */
export async function withExchange<Result>(
  environment: Readonly<Record<string, string>>,
  use: (exchange: Exchange) => Promise<Result>,
): Promise<Result> {
  const s3 = s3Of(environment);
  const bucket = environment["EXCHANGE_BUCKET"] ?? "";
  try {
    return await use({
      store: createObjectStore(s3, bucket),
      listKeys: (prefix) => listKeys(s3, bucket, prefix),
    });
  } finally {
    s3.destroy();
  }
}

/** With the user's own credentials where the environment has none: those of a profile, for example. */
function s3Of(environment: Readonly<Record<string, string>>): S3Client {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN: sessionToken } = environment;
  const endpoint = environment["AWS_ENDPOINT_URL_S3"];
  return new S3Client({
    region: environment["AWS_REGION"] ?? "",
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(AWS_ACCESS_KEY_ID && {
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        ...(sessionToken && { sessionToken }),
      },
    }),
  });
}
