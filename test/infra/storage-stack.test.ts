import { Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { synthesise } from "./synthesise.ts";
import { render } from "./template.ts";

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

test("without an archive there is no bucket for it", () => {
  const without = synthesise({ archive: undefined });
  without.storage.resourceCountIs("AWS::S3::Bucket", 1);
  expect(without).not.toHaveProperty("archive");
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

test("the registry of test events is created once in an account, and never deleted", () => {
  const properties = { RegistryName: "lambda-testevent-schemas" };
  storage.hasResource("AWS::EventSchemas::Registry", { Properties: properties, DeletionPolicy: "Retain" });
  const elsewhere = synthesise({ testEventRegistry: "exists" }).storage;
  elsewhere.resourceCountIs("AWS::EventSchemas::Registry", 0);
});

test("the buckets and the secret outlive the stack", () => {
  for (const type of ["AWS::S3::Bucket", "AWS::SecretsManager::Secret"]) {
    storage.allResources(type, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  }
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
