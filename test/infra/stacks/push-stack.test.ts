import { Match, type Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { messageGroupOf } from "../../../infra/message-group.ts";
import { pushModel } from "../../../infra/push-model.ts";
import { context } from "../example.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, propertiesOf } from "../template.ts";

const { push } = synthesise({ push: {} });

test("the API writes into the queue itself, and only whoever has the key may call it", () => {
  push.hasResourceProperties("AWS::ApiGateway::Method", {
    ApiKeyRequired: true,
    Integration: { Type: "AWS", PassthroughBehavior: "NEVER" },
    RequestValidatorId: Match.anyValue(),
  });
  expect(allowedTo("ApiRole", push)).toEqual({ "<QueueMessages.Arn>": ["sqs:SendMessage"] });
});

test("a request is throttled as the configuration says", () => {
  const { push } = synthesise({ push: { requestsPerSecond: 7, burst: 9 } });
  push.hasResourceProperties("AWS::ApiGateway::UsagePlan", { Throttle: { RateLimit: 7, BurstLimit: 9 } });
});

test("nothing is logged of a request unless the configuration says so, and then neither body nor caller", () => {
  const formatOf = (template: Template) =>
    propertiesOf("AWS::ApiGateway::Stage", template).map(({ AccessLogSetting }) => AccessLogSetting?.Format);
  expect(formatOf(push)).toEqual([undefined]);
  const [format = ""] = formatOf(synthesise({ push: { accessLog: true } }).push);
  expect(format).toContain("$context.status");
  expect(format).not.toMatch(/body|sourceIp|caller|user|path/i);
  for (const { MethodSettings } of propertiesOf("AWS::ApiGateway::Stage", push)) {
    expect(MethodSettings).toEqual([expect.objectContaining({ DataTraceEnabled: false })]);
  }
});

test("messages are tried for days, each failed one by itself, and then stand in the dead letters", () => {
  push.hasResourceProperties("AWS::SQS::Queue", {
    FifoQueue: true,
    RedrivePolicy: { maxReceiveCount: 100 },
    VisibilityTimeout: 360,
  });
  push.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test("no message is given out again while the function works on it, however long that may take", () => {
  const { push } = synthesise({ push: {}, functions: { "push-changes": { timeoutMinutes: 15 } } });
  push.hasResourceProperties("AWS::SQS::Queue", { VisibilityTimeout: 16 * 60 });
});

test("a key of the publisher's encrypts both queues, and whoever sends may use it for that alone", () => {
  const kmsKeyArn = "arn:aws:kms:eu-west-3:000000000000:key/00000000-0000-0000-0000-000000000000";
  const { push } = synthesise({ push: {}, kmsKeyArn });
  for (const queue of propertiesOf("AWS::SQS::Queue", push)) {
    expect(queue).toMatchObject({ KmsMasterKeyId: kmsKeyArn, SqsManagedSseEnabled: false });
  }
  expect(allowedTo("ApiRole", push)[kmsKeyArn]).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
});

test("the function reads no secret of a database, and no source", () => {
  const allowed = Object.keys(allowedTo("PushChangesFunctionRole", push));
  expect(allowed.filter((resource) => /database|exports/.test(resource))).toEqual([]);
});

test("a request is held against what the function understands, for the lists that there are", () => {
  const lists = Object.keys(context.newsletter.lists);
  const { anyOf } = pushModel(lists) as { anyOf: Record<string, object>[] };
  expect(anyOf.map(({ required }) => required)).toEqual([
    ["list", "email", "subscribed", "consented_at"],
    ["list", "email", "subscribed", "unsubscribed_cause", "at"],
    ["list", "email", "optIn"],
  ]);
  for (const { properties, additionalProperties } of anyOf) {
    expect(properties).toMatchObject({ list: { type: "string", enum: lists } });
    expect(additionalProperties).toBe(false);
  }
  const fields = { "^data_\\w+$": { type: "string" } };
  expect(anyOf.map(({ patternProperties }) => patternProperties)).toEqual([fields, undefined, fields]);
});

test("a group is one that SQS takes, the same for every spelling of an address and another for each list", () => {
  const email = `${"é".repeat(60)}@${"a".repeat(150)}.fr`;
  expect(messageGroupOf({ list: "daily", email })).toMatch(/^[A-Za-z0-9+/=]{128}$/);
  const [one, other, weekly] = [
    { list: "daily", email: "Ada@Example.fr" },
    { list: "daily", email: "ada@example.fr" },
    { list: "weekly", email: "ada@example.fr" },
  ].map(messageGroupOf);
  expect(one).toBe(other);
  expect(one).not.toBe(weekly);
});

test("an opt-out does not wait behind a double opt-in of the same reader, which may wait for hours", () => {
  const reader = { list: "daily", email: "ada@example.fr" };
  expect(messageGroupOf({ ...reader, optIn: true })).not.toBe(
    messageGroupOf({ ...reader, subscribed: false }),
  );
});
