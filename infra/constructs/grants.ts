import { ArnFormat, Stack } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { Configuration } from "../config.ts";
import type { AnyBucket } from "./kept-bucket.ts";

// CDK's own grants give more than is used: every kind of s3:Get, s3:List and s3:Abort.

/** What a function may do with what stands under a prefix. */
const access = {
  write: ["s3:PutObject"],
  readAndWrite: ["s3:GetObject", "s3:PutObject"],
  /** Files of any size: one that is given up takes its parts back. */
  upload: ["s3:PutObject", "s3:AbortMultipartUpload"],
  readAndUpload: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
} as const;

/** Lets a function do this with what stands under these prefixes of a bucket. */
export function grantPrefixes(
  grantee: IFunction,
  bucket: AnyBucket,
  prefixes: Readonly<Record<string, keyof typeof access>>,
): void {
  for (const [prefix, allowed] of Object.entries(prefixes)) {
    const resourceArns = [bucket.arnForObjects(`${prefix}*`)];
    Grant.addToPrincipal({ grantee, actions: [...access[allowed]], resourceArns });
  }
}

/** Lets a function be told that an object is not there: who may not list is told "access denied" of it. */
export function grantListing(grantee: IFunction, bucket: AnyBucket): void {
  Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [bucket.bucketArn] });
}

/** Lets a function read one object, `s3://bucket/key`, which may stand in any bucket. */
function grantObject(grantee: IFunction, uri: string): void {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
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

/** Lets a function read the secrets and the files that the lists and the provider name. */
export function grantLists(grantee: IFunction, { provider, lists }: Configuration): void {
  const sources = Object.values(lists).map(({ source }) => source);
  const databases = sources.filter((source) => source.kind === "postgres");
  grantSecrets(grantee, [provider.secret, ...databases.map(({ secret }) => secret)]);
  const files = sources.filter((source) => source.kind === "csv");
  for (const uri of new Set(files.map((file) => file.uri))) grantObject(grantee, uri);
}
