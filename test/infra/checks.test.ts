import { App, type IPolicyValidationContext, Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { addChecks, Checks, reasonFor, reasonsWith } from "../../infra/checks.ts";
import { createStacks } from "../../infra/stacks/create-stacks.ts";
import { context, createOutdir, exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";

const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  securityGroupIds: ["sg-0123456789abcdef0"],
};
const app = createAppWithoutBundles();
createStacks(app, exampleWith({ network, push: {} }));
app.synth();

function check(checked: App, existing = {}) {
  return new Checks(checked, existing).validate({
    appConstruct: checked,
  } as unknown as IPolicyValidationContext);
}

test("AWS's rules find nothing that is not accepted", () => {
  expect(check(app)).toEqual({ success: true, violations: [] });
});

test.each([
  ["ownpage", context.newsletter.lists.daily.id],
  ["constant-contact", "11571157-0000-4000-8000-000000000001"],
])("AWS's rules find nothing more if a list has an account of its own at %s", (kind, id) => {
  const provider = { kind, secret: "newsletter-sync/other" };
  const lists = { daily: { ...context.newsletter.lists.daily, id, provider } };
  const several = createAppWithoutBundles();
  createStacks(several, exampleWith({ lists }));
  several.synth();
  expect(check(several)).toEqual({ success: true, violations: [] });
});

test("an accepted finding fails the synthesis elsewhere", () => {
  const other = new App({ outdir: createOutdir() });
  new Bucket(new Stack(other, "NewsletterStorage"), "Public");
  addChecks(other);
  expect(() => other.synth()).toThrow("AwsSolutions-S1");
});

test("with buckets that already exist, findings are accepted for these, and for no others", () => {
  const existing = { exchangeBucket: "kept.exchange", archiveBucket: "kept-archive" };
  const again = createAppWithoutBundles();
  createStacks(again, exampleWith({ existing }));
  again.synth();
  expect(check(again, existing)).toEqual({ success: true, violations: [] });
  const { violations } = check(again, { ...existing, archiveBucket: "other" });
  expect(violations.map(({ ruleName }) => ruleName)).toContain(
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::kept-archive/events/*]",
  );
});

test("every accepted finding is found", () => {
  const reasons = reasonsWith();
  const used = new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => reasonFor(reasons, ruleName, constructPath)),
    );
  expect(new Set(used)).toEqual(new Set(reasons));
});
