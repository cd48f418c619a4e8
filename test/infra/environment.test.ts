import type { Stack } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { addChecks } from "../../infra/checks.ts";
import { createStacks } from "../../infra/stacks/create-stacks.ts";
import { exampleWith } from "./example.ts";
import { createAppWithoutBundles, synthesise } from "./synthesise.ts";
import { allowedTo, propertiesOf, type ReadableTemplate, render, resourcesOf } from "./template.ts";

const key = "arn:aws:kms:eu-west-3:123456789012:key/0a1b2c3d-0000-0000-0000-000000000000";
const theirKey = "arn:aws:kms:eu-west-3:123456789012:key/ffffffff-0000-0000-0000-000000000000";
const boundary = "arn:aws:iam::123456789012:policy/boundary";

function stacksWith(changes: object): Stack[] {
  return Object.values(createStacks(createAppWithoutBundles(), exampleWith(changes)));
}

/** All stacks, that of pushes with its log of requests among them. */
const templatesOf = (changes: object) => Object.values(synthesise({ push: { accessLog: true }, ...changes }));

/** Names that need to be unique only within something else that has a name, or that are not names of the resource. */
const namedWithin = [
  "AWS::IAM::Policy.PolicyName",
  "AWS::CloudWatch::Alarm.MetricName",
  "AWS::ApiGateway::Stage.StageName",
  "AWS::Athena::NamedQuery.Name",
  "AWS::EventSchemas::Schema.RegistryName",
];

/** Every name that the templates give themselves, with its kind. */
function namesIn(template: ReadableTemplate): string[] {
  const resources = Object.values<{ Type: string; Properties?: object }>(template.toJSON()["Resources"]);
  return resources.flatMap(({ Type, Properties = {} }) =>
    Object.entries({
      ...Properties,
      ...("DatabaseInput" in Properties ? (Properties.DatabaseInput as object) : {}),
    })
      .filter(([property, value]) => /Name$/.test(property) && typeof value === "string")
      .map(([property, value]) => [`${Type}.${property}`, value])
      .filter(([kind]) => !namedWithin.includes(String(kind)))
      .map(([kind, value]) => `${kind} ${value}`),
  );
}

function metricServices(template: ReadableTemplate): string[] {
  return propertiesOf("AWS::CloudWatch::Alarm", template)
    .flatMap(({ Dimensions = [] }) => Dimensions as { Name: string; Value: unknown }[])
    .filter(({ Name }) => Name === "service")
    .map(({ Value }) => String(Value));
}

describe("two environments in one account", () => {
  const [production, staging] = [{}, { environment: "staging-2" }];

  test("have no name in common", () => {
    const all = (changes: object) => [
      ...stacksWith(changes).map(({ stackName }) => `stack ${stackName}`),
      ...templatesOf(changes).flatMap(namesIn),
      ...templatesOf(changes).flatMap(metricServices),
    ];
    const names = new Set(all(production));
    expect(names.size).toBeGreaterThan(15);
    expect(all(staging).filter((name) => names.has(name))).toEqual([]);
  });

  test("are told apart by the name before everything that has one", () => {
    expect(stacksWith(staging).map(({ stackName }) => stackName)).toEqual([
      "staging-2-NewsletterStorage",
      "staging-2-NewsletterWatch",
      "staging-2-NewsletterSync",
      "staging-2-NewsletterImport",
      "staging-2-NewsletterArchive",
      "staging-2-NewsletterPages",
      "staging-2-NewsletterLookUp",
      "staging-2-NewsletterBackfill",
    ]);
    const { storage, watch, sync, archive } = synthesise(staging);
    storage.hasResourceProperties("AWS::SecretsManager::Secret", {
      Name: "staging-2/newsletter-sync/ownpage",
    });
    expect(Object.keys(allowedTo("SyncSubscribersFunctionRole", sync)).join()).toContain(
      "secret:staging-2/newsletter-sync/ownpage-??????",
    );
    archive.hasResourceProperties("AWS::Glue::Database", {
      DatabaseInput: { Name: "staging_2_newsletter_events" },
    });
    archive.hasResourceProperties("AWS::Athena::WorkGroup", { Name: "staging-2-newsletter-events" });
    watch.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: "staging-2-newsletter-sync: nobody watches the runs",
      Namespace: "staging-2-NewsletterSync",
      Dimensions: [
        { Name: "list", Value: "schedules" },
        { Name: "service", Value: "staging-2-watch-runs" },
      ],
    });
    sync.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: "staging-2-sync-subscribers" } },
    });
  });

  test("may use one secret, if it is listed by its name", () => {
    const existing = { providerSecret: ["newsletter-sync/ownpage"], historyKey: true };
    const { storage, sync } = synthesise({ ...staging, existing });
    storage.resourceCountIs("AWS::SecretsManager::Secret", 0);
    expect(Object.keys(allowedTo("SyncSubscribersFunctionRole", sync)).join()).toContain(
      "secret:newsletter-sync/ownpage-??????",
    );
  });

  test("leave the databases' secrets to the publisher", () => {
    expect(Object.keys(allowedTo("SyncSubscribersFunctionRole", synthesise(staging).sync)).join()).toContain(
      "secret:newsletter-sync/database-??????",
    );
  });

  test("share the registry of test events, which neither creates if it is there, and neither removes", () => {
    const { storage } = synthesise(staging);
    const [{ Create, Update, Delete }] = propertiesOf("Custom::AWS", storage);
    for (const call of [Create, Update]) {
      expect(JSON.parse(call)).toMatchObject({
        service: "schemas",
        action: "CreateRegistry",
        parameters: { RegistryName: "lambda-testevent-schemas" },
        ignoreErrorCodesMatching: "ConflictException",
      });
    }
    expect(Delete).toBeUndefined();
    expect(allowedTo("TestEventsRegistryCustomResourcePolicy", storage)).toEqual({
      "arn:<AWS::Partition>:schemas:<AWS::Region>:<AWS::AccountId>:registry/lambda-testevent-schemas": [
        "schemas:CreateRegistry",
      ],
    });
  });
});

describe("an account's rules", () => {
  test("account and region are those of the configuration, or of whoever deploys", () => {
    const place = { account: "123456789012", region: "eu-west-3" };
    for (const { account, region } of stacksWith(place)) expect({ account, region }).toEqual(place);
    for (const { environment } of stacksWith({}))
      expect(environment).toBe("aws://unknown-account/unknown-region");
  });

  test("every stack has the tags, which CloudFormation gives to all that is in it", () => {
    const tags = { team: "readers", "cost-centre": "4711" };
    for (const stack of stacksWith({ tags })) expect(stack.tags.tagValues()).toEqual(tags);
  });

  test.each([
    ["an ARN", boundary, boundary],
    ["a name", "boundary", "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/boundary"],
  ])("every role has the boundary, given by %s", (_, permissionsBoundary, expected) => {
    const roles = templatesOf({ permissionsBoundary }).flatMap((template) =>
      propertiesOf("AWS::IAM::Role", template),
    );
    expect(roles.length).toBeGreaterThan(5);
    for (const { PermissionsBoundary } of roles) expect(render(PermissionsBoundary)).toBe(expected);
  });
});

describe("with the publisher's own keys", () => {
  const changes = { kmsKeyArn: key, kmsKeyArns: [theirKey] };
  const templates = templatesOf(changes);
  const all = (type: string) => templates.flatMap((template) => propertiesOf(type, template));

  test("everything that is stored is encrypted with the one", () => {
    for (const { BucketEncryption } of all("AWS::S3::Bucket")) {
      expect(BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key },
        },
      ]);
    }
    for (const { KmsMasterKeyId } of [...all("AWS::SQS::Queue"), ...all("AWS::SNS::Topic")]) {
      expect(KmsMasterKeyId).toBe(key);
    }
    for (const { KmsKeyId } of all("AWS::SecretsManager::Secret")) expect(KmsKeyId).toBe(key);
    for (const { WorkGroupConfiguration } of all("AWS::Athena::WorkGroup")) {
      const { EncryptionConfiguration } = WorkGroupConfiguration.ResultConfiguration;
      expect(EncryptionConfiguration).toEqual({ EncryptionOption: "SSE_KMS", KmsKey: key });
    }
    expect(templates.flatMap((template) => Object.keys(resourcesOf("AWS::KMS::Key", template)))).toEqual([]);
  });

  test("every function may use it, and decrypt with the others", () => {
    for (const [stack, role] of [
      ["sync", "SyncSubscribersFunctionRole"],
      ["import", "ImportSubscribersFunctionRole"],
      ["archive", "ArchiveEventsFunctionRole"],
      ["lookUp", "LookUpReaderFunctionRole"],
      ["pages", "ShowRunsFunctionRole"],
      ["push", "PushChangesFunctionRole"],
      ["watch", "WatchRunsFunctionRole"],
    ] as const) {
      const allowed = allowedTo(role, synthesise({ ...changes, push: {} })[stack]);
      expect(allowed[key]).toEqual(expect.arrayContaining(["kms:Decrypt", "kms:GenerateDataKey"]));
      expect(allowed[theirKey]).toEqual(["kms:Decrypt"]);
    }
  });

  test("every schedule may put what it could not deliver into its queue", () => {
    for (const [stack, role] of [
      ["sync", "SyncSubscribersScheduleRole"],
      ["import", "ImportSubscribersScheduleRole"],
      ["archive", "ArchiveEventsScheduleRole"],
    ] as const) {
      const allowed = allowedTo(role, synthesise(changes)[stack]);
      expect(allowed[key]).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
    }
  });
});

test("AWS's rules find nothing more with all of it", () => {
  const app = createAppWithoutBundles();
  const configuration = exampleWith({
    environment: "staging",
    account: "123456789012",
    region: "eu-west-3",
    tags: { team: "readers" },
    permissionsBoundary: boundary,
    kmsKeyArn: key,
    kmsKeyArns: [theirKey],
  });
  createStacks(app, configuration);
  addChecks(app, configuration.existing);
  app.synth();
});

test("once it is removed, what holds state is left, and what people may still want to read", () => {
  const resources = templatesOf({ environment: "staging" }).flatMap((template) =>
    Object.values<{ Type: string; DeletionPolicy?: string }>(template.toJSON()["Resources"]),
  );
  const left = resources.filter(({ DeletionPolicy = "Delete" }) => DeletionPolicy !== "Delete");
  expect([...new Set(left.map(({ Type }) => Type))].toSorted()).toEqual([
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
  ]);
});
