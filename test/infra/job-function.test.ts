import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { expect, test } from "vitest";
import { JobFunction, type JobFunctionProps } from "../../infra/constructs/job-function.ts";
import { context, createOutdir, exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";

function stackWith(jobs: Record<string, Partial<JobFunctionProps>>, app: App): Template {
  const stack = new Stack(app, "Stack");
  const deadLetters = new Queue(stack, "DeadLetters");
  const defaults = { name: "sync-subscribers", configuration: exampleWith({}), environment: {}, deadLetters };
  for (const [id, props] of Object.entries(jobs)) new JobFunction(stack, id, { ...defaults, ...props });
  return Template.fromStack(stack);
}

function unbundled(props: Partial<JobFunctionProps>): Template {
  return stackWith({ Job: props }, createAppWithoutBundles());
}

test("a function has the defaults of the house", () => {
  const template = unbundled({ environment: { EXCHANGE_BUCKET: "exchange" } });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    MemorySize: 512,
    Timeout: 900,
    TracingConfig: { Mode: "Active" },
    Environment: {
      Variables: {
        NODE_OPTIONS: "--enable-source-maps",
        MALLOC_ARENA_MAX: "2",
        POWERTOOLS_SERVICE_NAME: "sync-subscribers",
        POWERTOOLS_METRICS_NAMESPACE: "NewsletterSync",
        EXCHANGE_BUCKET: "exchange",
      },
    },
  });
  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumEventAgeInSeconds: 3600 });
});

test("a job's own memory, time and variables stand before the house's", () => {
  const own = { memorySize: 2048, timeout: Duration.minutes(1), environment: { MALLOC_ARENA_MAX: "1" } };
  unbundled(own).hasResourceProperties("AWS::Lambda::Function", {
    MemorySize: 2048,
    Timeout: 60,
    Environment: { Variables: { MALLOC_ARENA_MAX: "1" } },
  });
});

test("a function's code changes with its share of the configuration, and with nothing else of it", () => {
  const { daily } = context.newsletter.lists;
  const code = stackWith(
    {
      Example: {},
      OtherBatches: { configuration: exampleWith({ lists: { daily: { ...daily, batchSize: 500 } } }) },
      OtherSchedule: { configuration: exampleWith({ lists: { daily: { ...daily, sync: undefined } } }) },
    },
    new App({ context, outdir: createOutdir() }),
  ).findResources("AWS::Lambda::Function");
  const [example, otherBatches, otherSchedule] = Object.values(code).map(
    (resource) => resource["Properties"].Code.S3Key,
  );
  expect(otherBatches).not.toBe(example);
  expect(otherSchedule).toBe(example);
});
