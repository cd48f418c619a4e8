import { ArnFormat, Stack } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { eventSource } from "../../functions/platform/run-event.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { hasMirror, renewsSecret } from "../../functions/providers/provider-configuration.ts";
import type { Configuration } from "../config.ts";
import { historySecretIn } from "../history-key.ts";
import type { AnyBucket } from "./kept-bucket.ts";

// CDK's own grants allow more than is needed: every kind of s3:Get, s3:List and s3:Abort.

/** What a function may do with the objects under a prefix. */
const access = {
  read: ["s3:GetObject"],
  write: ["s3:PutObject"],
  readAndWrite: ["s3:GetObject", "s3:PutObject"],
  /** For files of any size: an upload that fails removes its parts. */
  upload: ["s3:PutObject", "s3:AbortMultipartUpload"],
  readAndUpload: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
  readAndRemove: ["s3:GetObject", "s3:DeleteObject"],
  /** To write it anew, or to remove it. */
  erase: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
  eraseFiles: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"],
} as const;

export type Access = keyof typeof access;

/** Lets a function do this with the objects under these prefixes of a bucket. */
export function grantPrefixes(
  grantee: IFunction,
  bucket: AnyBucket,
  prefixes: Readonly<Record<string, Access>>,
): void {
  const patterns = Object.entries(prefixes).map(([prefix, allowed]) => [`${prefix}*`, allowed]);
  grantObjects(grantee, bucket, Object.fromEntries(patterns));
}

/** Lets a function do this with the objects whose keys these are, or match these: `*` stands for any characters. */
export function grantObjects(
  grantee: IFunction,
  bucket: AnyBucket,
  patterns: Readonly<Record<string, Access>>,
): void {
  for (const [pattern, allowed] of Object.entries(patterns)) {
    const resourceArns = [bucket.arnForObjects(pattern)];
    Grant.addToPrincipal({ grantee, actions: [...access[allowed]], resourceArns });
  }
}

/** Lets a function learn that an object does not exist: without it, S3 answers "access denied" instead. */
export function grantListing(grantee: IFunction, bucket: AnyBucket): void {
  Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [bucket.bucketArn] });
}

/** Lets a function read one object, `s3://bucket/key`, of any bucket. */
function grantObject(grantee: IFunction, uri: string): void {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const resourceArns = [Bucket.fromBucketName(Stack.of(grantee), uri, bucket).arnForObjects(key)];
  Grant.addToPrincipal({ grantee, actions: ["s3:GetObject"], resourceArns });
}

/** Lets a function read the key of the history, and read and write the history itself. */
export function grantHistory(
  grantee: IFunction,
  { environment }: Configuration,
  exchangeBucket: AnyBucket,
): void {
  grantSecrets(grantee, [historySecretIn(environment)]);
  grantPrefixes(grantee, exchangeBucket, { [exchangePrefixes.history]: "readAndWrite" });
}

/** Lets a function read secrets of this account and region, by their names; and write them, if that is said. */
export function grantSecrets(
  grantee: IFunction,
  names: Iterable<string>,
  action: "GetSecretValue" | "PutSecretValue" = "GetSecretValue",
): void {
  // Secrets Manager ends every ARN with a hyphen and six characters of its own.
  const resourceArns = Array.from(new Set(names), (name) =>
    Stack.of(grantee).formatArn({
      service: "secretsmanager",
      resource: "secret",
      resourceName: `${name}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  Grant.addToPrincipal({ grantee, actions: [`secretsmanager:${action}`], resourceArns });
}

/** The bus of the account that is always there, and where AWS's own services tell of themselves, too. */
const eventBus = "default";

/** Has a function tell the bus of its runs, in this project's name alone. */
export function grantEvents(grantee: LambdaFunction, { environment }: Configuration): void {
  grantee.addEnvironment("EVENT_BUS", eventBus).addEnvironment("ENVIRONMENT", environment);
  const bus = { service: "events", resource: "event-bus", resourceName: eventBus };
  Grant.addToPrincipal({
    grantee,
    actions: ["events:PutEvents"],
    resourceArns: [Stack.of(grantee).formatArn(bus)],
    conditions: { StringEquals: { "events:source": eventSource } },
  });
}

/** Lets whoever sends to a queue encrypt what it sends. */
export function grantSending(grantee: IGrantable, { kmsKeyArn }: Configuration): void {
  if (kmsKeyArn === undefined) return;
  const actions = ["kms:Decrypt", "kms:GenerateDataKey"];
  Grant.addToPrincipal({ grantee, actions, resourceArns: [kmsKeyArn] });
}

/** Lets a function read and write what the publisher's keys encrypt. */
export function grantKeys(grantee: IFunction, configuration: Configuration): void {
  const { kmsKeyArns } = configuration;
  grantSending(grantee, configuration);
  if (kmsKeyArns.length > 0) {
    Grant.addToPrincipal({ grantee, actions: ["kms:Decrypt"], resourceArns: kmsKeyArns });
  }
}

/** Lets a function read the secrets of the lists' providers and databases, and the files that the lists name. */
export function grantLists(
  grantee: IFunction,
  configuration: Configuration,
  exchangeBucket: AnyBucket,
): void {
  const sources = Object.values(configuration.lists).map(({ source }) => source);
  const databases = sources.filter((source) => source.kind === "postgres");
  grantProviders(grantee, configuration, exchangeBucket);
  if (databases.length > 0) {
    grantSecrets(
      grantee,
      databases.map(({ secret }) => secret),
    );
  }
  const files = sources.filter((source) => source.kind === "csv");
  for (const uri of new Set(files.map((file) => file.uri))) grantObject(grantee, uri);
}

/**
 * Lets a function read the secrets of the lists' providers, and keep what some providers need to have kept: new tokens, and
 * what an account held.
 */
export function grantProviders(
  grantee: IFunction,
  configuration: Configuration,
  exchangeBucket: AnyBucket,
): void {
  const { lists, kmsKeyArns } = configuration;
  const providers = Object.values(lists).map((list) => list.provider ?? configuration.provider);
  grantSecrets(
    grantee,
    providers.map(({ secret }) => secret),
  );
  const renewed = providers.filter(renewsSecret).map(({ secret }) => secret);
  if (renewed.length > 0) {
    grantSecrets(grantee, renewed, "PutSecretValue");
    // They may be encrypted with keys of the publisher's.
    const actions = ["kms:GenerateDataKey"];
    if (kmsKeyArns.length > 0) Grant.addToPrincipal({ grantee, actions, resourceArns: kmsKeyArns });
  }
  if (providers.some(hasMirror)) {
    grantPrefixes(grantee, exchangeBucket, { [exchangePrefixes.mirror]: "readAndWrite" });
  }
}

/** Lets a function give the lists' returns to their databases, and write those of the others into files. */
export function grantReturns(grantee: IFunction, { lists }: Configuration, exchangeBucket: AnyBucket): void {
  const sinks = Object.values(lists).flatMap(({ returns }) => returns ?? []);
  const databases = sinks.filter((sink) => sink.kind === "postgres");
  if (databases.length > 0) {
    grantSecrets(
      grantee,
      databases.map(({ secret }) => secret),
    );
  }
  if (sinks.some(({ kind }) => kind === "csv")) {
    grantPrefixes(grantee, exchangeBucket, { [exchangePrefixes.returned]: "upload" });
  }
}
