import { ArnFormat, Stack } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";

// CDK's own grants give more than is used: every kind of s3:Get, s3:List and s3:Abort.

/** Lets a function read and write what stands under these prefixes of a bucket. */
export function grantPrefixes(grantee: IFunction, bucket: Bucket, prefixes: readonly string[]): void {
  Grant.addToPrincipal({
    grantee,
    actions: ["s3:GetObject", "s3:PutObject"],
    resourceArns: prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
  });
  // Who may not list is told "access denied" of an object that is not there.
  Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [bucket.bucketArn] });
}

/**
 * Lets a function read one object, which may stand in any bucket.
 *
 * @throws Error when the URI is not of the form s3://bucket/key
 */
export function grantObject(grantee: IFunction, uri: string): void {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new Error(`${uri}: a function in AWS reads s3://bucket/key; file:// is for this machine`);
  }
  const resourceArns = [Bucket.fromBucketName(Stack.of(grantee), uri, bucket).arnForObjects(key)];
  Grant.addToPrincipal({ grantee, actions: ["s3:GetObject"], resourceArns });
}

/** Lets a function read secrets of this account and region, which it knows by name. */
export function grantSecrets(grantee: IFunction, names: Iterable<string>): void {
  // Secrets Manager ends every ARN with a hyphen and six characters of its own.
  const resourceArns = Array.from(new Set(names), (name) =>
    Stack.of(grantee).formatArn({
      service: "secretsmanager",
      resource: "secret",
      resourceName: `${name}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  Grant.addToPrincipal({ grantee, actions: ["secretsmanager:GetSecretValue"], resourceArns });
}
