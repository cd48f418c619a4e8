import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { synthesise } from "../synthesise.ts";
import { allowedTo, render } from "../template.ts";

const { storage } = synthesise();

test("what is stored goes when its time is over, and locks stay", () => {
  const rule = (prefix: string, days: number) => ({
    Prefix: prefix,
    ExpirationInDays: days,
    Status: "Enabled",
  });
  storage.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: {
      Rules: [
        rule("plans/", 90),
        rule("quarantine/", 90),
        rule("imports/", 7),
        rule("reports/", 400),
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      ],
    },
    // An address that expired would live on as an old version.
    VersioningConfiguration: Match.absent(),
  });
});

test("the archive keeps what it gets, in cheaper storage when it is old, and what was overwritten for a year", () => {
  storage.hasResourceProperties("AWS::S3::Bucket", {
    VersioningConfiguration: { Status: "Enabled" },
    LifecycleConfiguration: {
      Rules: [
        {
          Prefix: "events/",
          Transitions: [{ StorageClass: "GLACIER_IR", TransitionInDays: 90 }],
          Status: "Enabled",
        },
        {
          Prefix: "athena-results/",
          ExpirationInDays: 30,
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          Status: "Enabled",
        },
        { NoncurrentVersionExpiration: { NoncurrentDays: 365 }, Status: "Enabled" },
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      ],
    },
  });
});

test("without an archive in the configuration, its bucket stays", () => {
  synthesise({ archive: undefined }).storage.resourceCountIs("AWS::S3::Bucket", 2);
});

test("CloudWatch may tell the topic, by TLS only, and the topic tells whoever is configured", () => {
  storage.hasResourceProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: [
        { Effect: "Deny", Action: "sns:Publish", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        {
          Effect: "Allow",
          Action: "sns:Publish",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        },
      ],
    },
  });
  storage.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "ops@example.fr" });
  synthesise({ alarmEmail: undefined }).storage.resourceCountIs("AWS::SNS::Subscription", 0);
});

const kept = [
  "AWS::S3::Bucket",
  "AWS::S3::BucketPolicy",
  "AWS::SecretsManager::Secret",
  "AWS::EventSchemas::Registry",
];

test.each(kept)("every %s outlives the stack, but not a first deployment that failed", (type) => {
  expect(Object.keys(storage.findResources(type))).not.toEqual([]);
  storage.allResources(type, { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
});

test("the registry of test events is the one that Lambda's console looks into", () => {
  storage.hasResourceProperties("AWS::EventSchemas::Registry", { RegistryName: "lambda-testevent-schemas" });
});

describe("what is there already", () => {
  const existing = {
    providerSecret: true,
    testEventRegistry: true,
    exchangeBucket: "kept-exchange",
    archiveBucket: "kept-archive",
  };
  const again = synthesise({ existing });

  test.each(kept)("is not created again: no %s", (type) => {
    again.storage.resourceCountIs(type, 0);
  });

  test("is told by the outputs", () => {
    const outputs = again.storage.findOutputs("*");
    expect(outputs["ExchangeBucket"]).toMatchObject({ Value: "kept-exchange" });
    expect(outputs["ArchiveBucket"]).toMatchObject({ Value: "kept-archive" });
    expect(outputs).toHaveProperty("PutProviderSecret");
  });

  test("is what the functions work with", () => {
    again.archive.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { EXCHANGE_BUCKET: "kept-exchange", ARCHIVE_BUCKET: "kept-archive" } },
    });
    expect(allowedTo("ArchiveEventsFunctionRole", again.archive)).toMatchObject({
      "arn:<AWS::Partition>:s3:::kept-archive/events/*": [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:PutObject",
      ],
      "arn:<AWS::Partition>:s3:::kept-archive": ["s3:ListBucket"],
      "arn:<AWS::Partition>:s3:::kept-exchange/reports/*": ["s3:PutObject"],
    });
    again.archive.hasResourceProperties("AWS::Athena::WorkGroup", {
      WorkGroupConfiguration: {
        ResultConfiguration: { OutputLocation: "s3://kept-archive/athena-results/" },
      },
    });
  });

  test("may be one of them only", () => {
    const { storage: withArchive } = synthesise({ existing: { archiveBucket: "kept-archive" } });
    for (const type of kept) withArchive.resourceCountIs(type, 1);
  });
});

test("the provider's secret has the configured name and no value", () => {
  storage.hasResourceProperties("AWS::SecretsManager::Secret", {
    Name: "newsletter-sync/ownpage",
    Description: Match.stringLikeRegexp('{"client":"...","apiKey":"..."}'),
    SecretString: Match.absent(),
    GenerateSecretString: Match.absent(),
  });
});

test("the outputs name the buckets and the topic, and the command that gives the secret its value", () => {
  const { ExchangeBucket, ArchiveBucket, AlarmTopic, PutProviderSecret } = storage.findOutputs("*");
  expect(render(ExchangeBucket!["Value"])).toBe("<Exchange>");
  expect(render(ArchiveBucket!["Value"])).toBe("<Archive>");
  expect(render(AlarmTopic!["Value"])).toBe("<Alarms>");
  expect(render(PutProviderSecret!["Value"])).toBe(
    "aws secretsmanager put-secret-value --region <AWS::Region> --secret-id 'newsletter-sync/ownpage' --secret-string file://secret.json",
  );
});
