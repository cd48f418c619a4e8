import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { runApp } from "./deployment.ts";
import { context, createOutdir } from "./example.ts";

const app = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));

test("a wrong field fails the synthesis, which names it", async () => {
  await expect(runApp({ ...context.newsletter, timeZone: "Paris" })).rejects.toThrow(
    "timeZone: expected a time zone's name, such as Europe/Paris",
  );
});

test("the example is for an account that nobody has, so it cannot be deployed as it stands", async () => {
  const outdir = createOutdir();
  const example = fileURLToPath(new URL("../../infra/newsletter.example.json", import.meta.url));
  const { newsletter: _, ...flags } = context;
  const CDK_CONTEXT_JSON = JSON.stringify({ ...flags, "aws:cdk:bundling-stacks": [] });
  await promisify(execFile)(process.execPath, [app], {
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON,
      CDK_VALIDATION: "false",
      NEWSLETTER_CONFIG: example,
    },
  });
  const { artifacts } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  const stacks = Object.values<{ type: string; environment?: string }>(artifacts);
  const environments = stacks.filter(({ type }) => type === "aws:cloudformation:stack");
  expect(environments.map(({ environment }) => environment)).toEqual(
    Array(8).fill("aws://000000000000/eu-west-3"),
  );
});

test("without a configuration, the synthesis says how to name one", async () => {
  await expect(runApp(undefined, { bundles: false })).rejects.toThrow(
    "or name a file of it by -c config=FILE",
  );
});

test("a finding of AWS's rules fails the synthesis", async () => {
  const daily = { id: 123, source: { kind: "csv", uri: "s3://our-exports/*" } };
  await expect(runApp({ ...context.newsletter, lists: { daily } }, { bundles: false })).rejects.toThrow(
    /AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:s3:::our-exports\/\*\]/,
  );
});
