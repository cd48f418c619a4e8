import { expect, test } from "vitest";
import { runApp } from "./deployment.ts";
import { context } from "./example.ts";

test("a wrong field fails the synthesis, which names it", async () => {
  await expect(runApp({ ...context.newsletter, timeZone: "Paris" })).rejects.toThrow(
    "timeZone: expected a time zone's name, such as Europe/Paris",
  );
});

test("a finding of AWS's rules fails the synthesis", async () => {
  const daily = { id: 123, source: { kind: "csv", uri: "s3://our-exports/*" } };
  await expect(runApp({ ...context.newsletter, lists: { daily } }, { bundles: false })).rejects.toThrow(
    /AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:s3:::our-exports\/\*\]/,
  );
});
