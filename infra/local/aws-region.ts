import { S3Client } from "@aws-sdk/client-s3";
import { UsageError } from "./invoke-command.ts";
import type { Variables } from "./local-aws.ts";

/**
 * The region of the user's variables, else that of their AWS profile.
 *
 * @throws UsageError when neither has one
 */
export async function regionOf({ AWS_REGION, AWS_DEFAULT_REGION }: Variables): Promise<string> {
  const named = AWS_REGION || AWS_DEFAULT_REGION;
  if (named) return named;
  const s3 = new S3Client();
  try {
    return await s3.config.region();
  } catch {
    throw new UsageError(
      "--aws needs a region: set AWS_REGION, as in AWS_REGION=eu-west-3, or one in your AWS profile",
    );
  } finally {
    s3.destroy();
  }
}
