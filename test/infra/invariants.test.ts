import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { synthesise } from "./synthesise.ts";
import { allowedTo, propertiesOf, render } from "./template.ts";

const withoutResources = /^(xray|ec2):/;
const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  securityGroupIds: ["sg-0123456789abcdef0"],
};

describe.each(Object.entries(synthesise({ network, push: {} })))("in the stack %s", (stack, template) => {
  test("every bucket is private and encrypted", () => {
    for (const bucket of propertiesOf("AWS::S3::Bucket", template)) {
      expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      expect(bucket.BucketEncryption).toBeDefined();
    }
    expect(statementsOf("AWS::S3::BucketPolicy", template).filter(isAllowed)).toEqual([]);
  });

  test("every queue is encrypted, and keeps messages for two weeks", () => {
    for (const queue of propertiesOf("AWS::SQS::Queue", template)) {
      expect(queue.SqsManagedSseEnabled).toBe(true);
      expect(queue.MessageRetentionPeriod).toBe(14 * 24 * 3600);
    }
  });

  test.each([
    ["AWS::S3::Bucket", "AWS::S3::BucketPolicy", "s3:*"],
    ["AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "sqs:*"],
  ])("every %s requires TLS", (type, policyType, everything) => {
    const refused = statementsOf(policyType, template)
      .filter((statement) => !isAllowed(statement))
      .filter(({ Action, Principal }) => Action === everything && Principal.AWS === "*")
      .filter(({ Condition }) => Condition.Bool["aws:SecureTransport"] === "false")
      .flatMap(({ Resource }) => [Resource].flat().map(render));
    for (const id of Object.keys(template.findResources(type))) {
      expect(refused).toContain(render({ "Fn::GetAtt": [id, "Arn"] }));
    }
  });

  test("every schedule has a queue for the events that it could not deliver", () => {
    for (const { Target } of propertiesOf("AWS::Scheduler::Schedule", template)) {
      expect(render(Target.DeadLetterConfig.Arn)).toBe("<DeadLettersArn>");
    }
  });

  test("every function has a queue for failed invocations, which are not retried", () => {
    // What a person asks of a reader holds an address, and whoever asks sees that it failed.
    if (stack === "lookUp") return expect(propertiesOf("AWS::SQS::Queue", template)).toEqual([]);
    const failures = propertiesOf("AWS::Lambda::EventInvokeConfig", template);
    const functions = Object.keys(template.findResources("AWS::Lambda::Function"));
    // A deployment waits for the answer of a function that serves it, and fails with it.
    const serving = propertiesOf("Custom::AWS", template).map(
      (resource) => resource.ServiceToken["Fn::GetAtt"][0],
    );
    expect(failures.map(({ FunctionName }) => render(FunctionName))).toEqual(
      functions.filter((id) => !serving.includes(id)).map((id) => render({ Ref: id })),
    );
    for (const { DestinationConfig, MaximumRetryAttempts } of failures) {
      expect(render(DestinationConfig.OnFailure.Destination)).toBe("<DeadLettersArn>");
      expect(MaximumRetryAttempts).toBe(0);
    }
  });

  test("the log of every function is kept for three months", () => {
    const logs = template.findResources("AWS::Logs::LogGroup", { Properties: { RetentionInDays: 90 } });
    for (const { LoggingConfig } of propertiesOf("AWS::Lambda::Function", template)) {
      expect(Object.keys(logs)).toContain(LoggingConfig.LogGroup.Ref);
    }
  });

  test("nothing is allowed for all resources that could be allowed for some", () => {
    const actions = allowedTo("", template)["*"] ?? [];
    expect(actions.filter((action) => !withoutResources.test(action))).toEqual([]);
    for (const role of propertiesOf("AWS::IAM::Role", template)) {
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(role.Policies).toBeUndefined();
    }
  });

  test("a function that tells of its runs may put events on the default bus, in no other name than its own", () => {
    const puts = statementsOf("AWS::IAM::Policy", template).filter(
      ({ Action }) => Action === "events:PutEvents",
    );
    const functions = propertiesOf("AWS::Lambda::Function", template).map(({ Environment }) => Environment);
    const putting = functions.filter((environment) => environment?.Variables.EVENT_BUS === "default");
    expect(puts).toHaveLength(putting.length);
    for (const { Resource, Condition } of puts) {
      expect(render(Resource)).toMatch(/:event-bus\/default$/);
      expect(Condition).toEqual({ StringEquals: { "events:source": "newsletter-sync" } });
    }
  });

  test("no secret has a value in the template", () => {
    for (const secret of propertiesOf("AWS::SecretsManager::Secret", template)) {
      const { GenerateSecretString: _, ...given } = secret;
      expect(Object.keys(given).toSorted()).toEqual(["Description", "Name"]);
    }
    expect(JSON.stringify(template)).not.toContain("resolve:secretsmanager");
  });
});

function statementsOf(policyType: string, template: Template) {
  return propertiesOf(policyType, template).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function isAllowed({ Effect }: { Effect: string }): boolean {
  return Effect === "Allow";
}
