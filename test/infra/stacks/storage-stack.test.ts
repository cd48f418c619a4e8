import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { context } from "../example.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, render, resourcesOf } from "../template.ts";

const { storage } = synthesise();

test("objects expire by prefix, except locks", () => {
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
        rule("returned/", 90),
        rule("mirror/", 90),
        rule("reports/", 400),
        rule("memory/", 400),
        rule("history/", 400),
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      ],
    },
    // An expired address would remain as an old version.
    VersioningConfiguration: Match.absent(),
  });
});

test("the archive keeps old files in cheaper storage, and overwritten ones for a year", () => {
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

test("the archive's bucket exists even without an archive in the configuration", () => {
  synthesise({ archive: undefined }).storage.resourceCountIs("AWS::S3::Bucket", 2);
});

test("CloudWatch may publish to the topic, by TLS only, and the topic mails the configured address", () => {
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

const retained = ["AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SecretsManager::Secret"];

test.each(retained)("every %s outlives the stack, but not a first deployment that failed", (type) => {
  expect(Object.keys(storage.findResources(type))).not.toEqual([]);
  storage.allResources(type, { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
});

describe("an account at Constant Contact", () => {
  const list = (id: number) => ({
    id: `11571157-0000-4000-8000-00000000000${id}`,
    source: { kind: "csv", uri: "s3://our-exports/weekly.csv" },
  });
  const provider = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
  const lists = { daily: list(1), weekly: list(2) };
  const template = synthesise({ provider, lists, archive: {} }).storage;

  test("gets its secret's value from a person who authorises", () => {
    template.hasOutput("PutProviderSecret", {
      Value: {
        "Fn::Join": [
          "",
          [
            "AWS_REGION=",
            { Ref: "AWS::Region" },
            " npm run connect -- constant-contact --secret 'newsletter-sync/constant-contact'",
          ],
        ],
      },
    });
  });
});

describe("what already exists", () => {
  const existing = {
    providerSecret: true,
    historyKey: true,
    exchangeBucket: "kept-exchange",
    archiveBucket: "kept-archive",
  };
  const withExisting = synthesise({ existing });

  test.each(retained)("is not created again: no %s", (type) => {
    withExisting.storage.resourceCountIs(type, 0);
  });

  test("is in the outputs", () => {
    const outputs = withExisting.storage.findOutputs("*");
    expect(outputs["ExchangeBucket"]).toMatchObject({ Value: "kept-exchange" });
    expect(outputs["ArchiveBucket"]).toMatchObject({ Value: "kept-archive" });
    expect(outputs).toHaveProperty("PutProviderSecret");
  });

  test("is what the functions use", () => {
    withExisting.archive.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { EXCHANGE_BUCKET: "kept-exchange", ARCHIVE_BUCKET: "kept-archive" } },
    });
    expect(allowedTo("ArchiveEventsFunctionRole", withExisting.archive)).toMatchObject({
      "arn:<AWS::Partition>:s3:::kept-archive/events/*": [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:PutObject",
      ],
      "arn:<AWS::Partition>:s3:::kept-archive": ["s3:ListBucket"],
      "arn:<AWS::Partition>:s3:::kept-exchange/reports/*": ["s3:PutObject"],
    });
    withExisting.archive.hasResourceProperties("AWS::Athena::WorkGroup", {
      WorkGroupConfiguration: {
        ResultConfiguration: { OutputLocation: "s3://kept-archive/athena-results/" },
      },
    });
  });

  test("may be just one of them", () => {
    const { storage: withArchive } = synthesise({
      existing: { archiveBucket: "kept-archive", historyKey: true },
    });
    for (const type of retained) withArchive.resourceCountIs(type, 1);
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

test("the key of the history is made once, at random, as the functions read it", () => {
  storage.hasResourceProperties("AWS::SecretsManager::Secret", {
    Name: "newsletter-sync/history-key",
    GenerateSecretString: {
      SecretStringTemplate: "{}",
      GenerateStringKey: "key",
      PasswordLength: 64,
      ExcludePunctuation: true,
    },
  });
});

describe("lists at accounts of their own", () => {
  const [daily, weekly] = [context.newsletter.lists.daily, context.newsletter.lists.weekly];
  const accountOf = (secret: string) => ({ kind: "ownpage", secret });
  const lists = {
    daily: { ...daily, provider: accountOf("newsletter-sync/other") },
    weekly,
    monthly: { ...weekly, provider: accountOf("newsletter-sync/other") },
    yearly: { ...weekly, id: 125, provider: accountOf("newsletter-sync/ownpage") },
  };
  const secretsOf = (template: Template) =>
    Object.fromEntries(
      Object.entries(resourcesOf("AWS::SecretsManager::Secret", template))
        .filter(([, { GenerateSecretString }]) => GenerateSecretString === undefined)
        .map(([id, { Name }]) => [Name, id]),
    );

  test("have one secret for each account, and the first stays the resource it was", () => {
    const before = secretsOf(storage);
    const after = secretsOf(synthesise({ lists }).storage);
    expect(Object.keys(after).toSorted()).toEqual(["newsletter-sync/other", "newsletter-sync/ownpage"]);
    expect(after["newsletter-sync/ownpage"]).toBe(before["newsletter-sync/ownpage"]);
  });

  test("keep their secrets too, and have an output for each that gives it its value", () => {
    const { storage } = synthesise({ lists });
    storage.allResources("AWS::SecretsManager::Secret", { DeletionPolicy: "RetainExceptOnCreate" });
    const commands = Object.values(storage.findOutputs("*")).map(({ Value }) => render(Value));
    for (const name of ["newsletter-sync/ownpage", "newsletter-sync/other"]) {
      expect(commands.filter((command) => command.includes(`--secret-id '${name}'`))).toHaveLength(1);
    }
  });

  test("may have some of the secrets already", () => {
    const existing = { providerSecret: ["newsletter-sync/other"] };
    const secrets = secretsOf(synthesise({ lists, existing }).storage);
    expect(Object.keys(secrets)).toEqual(["newsletter-sync/ownpage"]);
    expect(secretsOf(synthesise({ lists, existing: { providerSecret: true } }).storage)).toEqual({});
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
