import { App, Size, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { expect, test } from "vitest";
import { JobFunction, type JobFunctionProps } from "../../infra/constructs/job-function.ts";
import { context, createOutdir, exampleWith } from "./example.ts";
import { createAppWithoutBundles } from "./synthesise.ts";

function stackWith(jobs: Record<string, Partial<JobFunctionProps>>, app: App): Template {
  const stack = new Stack(app, "Stack");
  const deadLetters = new Queue(stack, "DeadLetters");
  const defaults = {
    name: "sync-subscribers" as const,
    configuration: exampleWith({}),
    environment: {},
    deadLetters,
  };
  for (const [id, props] of Object.entries(jobs)) new JobFunction(stack, id, { ...defaults, ...props });
  return Template.fromStack(stack);
}

function unbundled(props: Partial<JobFunctionProps>): Template {
  return stackWith({ Job: props }, createAppWithoutBundles());
}

test("a function has this project's defaults", () => {
  const template = unbundled({ environment: { EXCHANGE_BUCKET: "exchange" } });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    MemorySize: 1024,
    Timeout: 900,
    EphemeralStorage: Match.absent(),
    ReservedConcurrentExecutions: Match.absent(),
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

test("a function has the configured memory and timeout", () => {
  const functions = { "import-subscribers": { memoryMb: 2048 }, "sync-subscribers": { timeoutMinutes: 5 } };
  const configuration = exampleWith({ functions });
  const template = stackWith(
    { Sync: { configuration }, Import: { configuration, name: "import-subscribers" } },
    createAppWithoutBundles(),
  );
  template.hasResourceProperties("AWS::Lambda::Function", { MemorySize: 1024, Timeout: 300 });
  template.hasResourceProperties("AWS::Lambda::Function", { MemorySize: 2048, Timeout: 900 });
});

test("a job's own disk and variables override the defaults", () => {
  const own = { ephemeralStorage: Size.gibibytes(2), environment: { MALLOC_ARENA_MAX: "1" } };
  unbundled(own).hasResourceProperties("AWS::Lambda::Function", {
    EphemeralStorage: { Size: 2048 },
    Environment: { Variables: { MALLOC_ARENA_MAX: "1" } },
  });
});

test("a function's code changes with its share of the configuration, but not with the rest", () => {
  const { lists } = context.newsletter;
  const { daily } = lists;
  const code = stackWith(
    {
      Example: {},
      OtherBatches: {
        configuration: exampleWith({ lists: { ...lists, daily: { ...daily, batchSize: 500 } } }),
      },
      OtherSchedule: {
        configuration: exampleWith({ lists: { ...lists, daily: { ...daily, sync: undefined } } }),
      },
    },
    new App({ context, outdir: createOutdir() }),
  ).findResources("AWS::Lambda::Function");
  const [example, otherBatches, otherSchedule] = Object.values(code).map(
    (resource) => resource["Properties"].Code.S3Key,
  );
  expect(otherBatches).not.toBe(example);
  expect(otherSchedule).toBe(example);
});
