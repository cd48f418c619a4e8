import { App, type IPolicyValidationContext, Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { addChecks, Checks, reasonFor, reasons } from "../../infra/checks.ts";
import { createStacks } from "../../infra/stacks.ts";
import { createOutdir, exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";

const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  securityGroupIds: ["sg-0123456789abcdef0"],
};
const app = createAppWithoutBundles();
createStacks(app, exampleWith({ network }));
app.synth();

function check(checked: App) {
  return new Checks(checked).validate({ appConstruct: checked } as unknown as IPolicyValidationContext);
}

test("AWS's rules find nothing that we have no reason for", () => {
  expect(check(app)).toEqual({ success: true, violations: [] });
});

test("what they find elsewhere fails the synthesis", () => {
  const other = new App({ outdir: createOutdir() });
  new Bucket(new Stack(other, "NewsletterStorage"), "Public");
  addChecks(other);
  expect(() => other.synth()).toThrow("AwsSolutions-S1");
});

test("every reason is for something that is found", () => {
  const used = new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => reasonFor(ruleName, constructPath)),
    );
  expect(new Set(used)).toEqual(new Set(reasons));
});
