import { Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { render, synthesise } from "./synthesise.ts";

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
        rule("reports/", 400),
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      ],
    },
    // An address that expired would live on as an old version.
    VersioningConfiguration: Match.absent(),
  });
});

test("the bucket and the secret outlive the stack", () => {
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

test("the outputs name the bucket, and the command that gives the secret its value", () => {
  const { ExchangeBucket, PutProviderSecret } = storage.findOutputs("*");
  expect(render(ExchangeBucket!["Value"])).toBe("<Exchange>");
  expect(render(PutProviderSecret!["Value"])).toBe(
    "aws secretsmanager put-secret-value --region <AWS::Region> --secret-id 'newsletter-sync/ownpage' --secret-string file://secret.json",
  );
});
