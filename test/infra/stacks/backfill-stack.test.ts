import { expect, test } from "vitest";
import { archiveEventSchema } from "../../../functions/archive-events/event.ts";
import { exampleInput } from "../../../infra/constructs/run-to-the-end.ts";
import { synthesise } from "../synthesise.ts";
import { alarmNames, allowedTo, propertiesOf, render } from "../template.ts";

const { backfill: template } = synthesise();

test("the state machine may invoke the functions, be traced, and do nothing else", () => {
  const functions = ["ArchiveEvents", "ImportSubscribers", "SyncSubscribers"];
  const arns = functions.map((name) => `<${name}FunctionArn>`);
  expect(allowedTo("", template)).toEqual({
    // CDK allows the versions of a function, too; these have none.
    ...Object.fromEntries(
      [...arns, ...arns.map((arn) => `${arn}:*`)].map((arn) => [arn, ["lambda:InvokeFunction"]]),
    ),
    "*": [
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ],
  });
});

test("its executions last as long as they need, and no log has what they hold", () => {
  const [{ StateMachineType = "STANDARD", LoggingConfiguration }] = propertiesOf(
    "AWS::StepFunctions::StateMachine",
    template,
  );
  expect(StateMachineType).toBe("STANDARD");
  expect(LoggingConfiguration).toBeUndefined();
});

test("one alarm tells of an execution that failed", () => {
  expect(alarmNames(template)).toEqual(["backfill: a backfill stopped"]);
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    Namespace: "AWS/States",
    MetricName: "ExecutionsFailed",
  });
});

test("an output is the command that starts it, with an event that the function takes", () => {
  const { StartBackfill } = template.toJSON()["Outputs"];
  const [, input = ""] = /--input '(.+)'$/.exec(render(StartBackfill.Value)) ?? [];
  expect(JSON.parse(input)).toEqual(exampleInput);
  archiveEventSchema.parse(exampleInput.event);
});
