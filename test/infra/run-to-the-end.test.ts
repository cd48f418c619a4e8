import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FunctionName, functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import {
  type BackfillInput,
  exampleInput,
  lambdaFaults,
  maxRuns,
  passingErrors,
  runsInVain,
} from "../../infra/constructs/run-to-the-end.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import type { InvocationResult } from "../../infra/local/runtime-api.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { errorExamples } from "./error-examples.ts";
import { synthesise } from "./synthesise.ts";
import { propertiesOf, render } from "./template.ts";

// The state machine is the one that is synthesised, and the functions are those that are deployed. Only the pauses are left out.

const [{ DefinitionString }] = propertiesOf("AWS::StepFunctions::StateMachine", synthesise().backfill);
const definition: StateMachineDefinition = JSON.parse(
  render(DefinitionString)
    .replaceAll("<AWS::Partition>", "aws")
    .replaceAll(/<(\w+)Function.Arn>/g, "arn:aws:lambda:eu-west-3:000000000000:function:$1"),
);
const stateMachine = new StateMachine(definition);
const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === "Task");

type Json = Awaited<ReturnType<StateMachine["run"]>["result"]>;
type Invoke = (event: unknown) => Promise<InvocationResult>;

/** Runs the state machine, without its pauses. @returns its output, or the error with which it fails */
async function execute(input: BackfillInput, invokes: Partial<Record<FunctionName, Invoke>>) {
  const handlers = Object.entries(invokes).map(([name, invoke]) => [name, taskOf(invoke)] as const);
  const retryIntervalOverrides = Object.fromEntries(tasks.map(([name]) => [name, 0]));
  const execution = stateMachine.run(JSON.parse(JSON.stringify(input)), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(handlers),
      waitTimeOverrides: { Pause: 0 },
      retryIntervalOverrides,
    },
  });
  return await execution.result.then(
    (output) => ({ output }),
    ({ cause }: Error) => ({ error: (cause as Error).name, message: (cause as Error).message }),
  );
}

/** What Step Functions makes of an invocation. */
function taskOf(invoke: Invoke) {
  return async (parameters: Json): Promise<Json> => {
    const result = await invoke((parameters as { Payload: Json }).Payload);
    if (result.ok) return { StatusCode: 200, ExecutedVersion: "$LATEST", Payload: result.payload as Json };
    throw Object.assign(new Error(result.error.errorMessage), { name: result.error.errorType });
  };
}

const failed = (errorType: string, errorMessage = ""): InvocationResult => ({
  ok: false,
  error: { errorType, errorMessage, trace: [] },
});
const finished = { ok: true, payload: { summary: "done", report: "reports/…" } } as const;

/** A function that answers these one after the other, the last of them again and again. @returns the events, too */
function scripted(...answers: readonly InvocationResult[]) {
  const events: unknown[] = [];
  const invoke: Invoke = async (event) => answers[Math.min(events.push(event), answers.length) - 1]!;
  return { events, invoke };
}

const daily: BackfillInput = { function: "sync-subscribers", event: { list: "daily", mode: "apply" } };

describe("what the state machine makes of answers", () => {
  test("it goes on with `next` until there is none, and tells the function that it is a backfill", async () => {
    const next = { ...daily.event, backfill: { left: 7 } };
    const { events, invoke } = scripted({ ok: true, payload: { summary: "", next } }, finished);
    expect(await execute(daily, { "sync-subscribers": invoke })).toEqual({
      output: { runs: 2, ...finished.payload },
    });
    expect(events).toEqual([{ ...daily.event, backfill: {} }, next]);
  });

  test.each([...lambdaFaults, ...passingErrors])("%s is tried again", async (error) => {
    const { events, invoke } = scripted(failed(error), failed(error), finished);
    expect(await execute(daily, { "sync-subscribers": invoke })).toMatchObject({ output: { runs: 1 } });
    expect(events).toEqual(Array(3).fill({ ...daily.event, backfill: {} }));
  });

  test("the errors of ours that it tries again are those that the next run mends, but for a quota", () => {
    const mended = errorExamples.filter(({ actor }) => actor === "next run");
    const names = mended.map(({ name }) => name).filter((name) => name !== "QuotaExceededError");
    const [outOfTime = ""] = runsInVain;
    expect([...passingErrors, outOfTime].toSorted()).toEqual(names.toSorted());
  });

  test.each(["UnsafePlanError", "CredentialError", "QuotaExceededError", "UnforeseenError"])(
    "%s ends it at once",
    async (error) => {
      const { events, invoke } = scripted(failed(error, "what a person reads"), finished);
      expect(await execute(daily, { "sync-subscribers": invoke })).toEqual({
        error,
        message: "what a person reads",
      });
      expect(events).toHaveLength(1);
    },
  );

  test.each(runsInVain)("two runs in a row that end with %s end it, and one does not", async (error) => {
    const goOn = { ok: true, payload: { summary: "", next: daily.event } } as const;
    const vain = failed(error);
    const once = scripted(vain, goOn, vain, finished);
    expect(await execute(daily, { "sync-subscribers": once.invoke })).toMatchObject({ output: { runs: 2 } });
    const twice = scripted(vain, goOn, vain, vain, finished);
    expect(await execute(daily, { "sync-subscribers": twice.invoke })).toMatchObject({ error });
    expect(twice.events).toHaveLength(4);
  });

  test("it ends after so many runs, whatever they answer", async () => {
    const { events, invoke } = scripted({ ok: true, payload: { summary: "", next: daily.event } });
    expect(await execute(daily, { "sync-subscribers": invoke })).toMatchObject({ error: "TooManyRuns" });
    expect(events).toHaveLength(maxRuns);
  });

  test("a function of another name is refused", async () => {
    const input = { ...daily, function: "push-subscribers" as BackfillInput["function"] };
    expect(await execute(input, {})).toMatchObject({
      error: "UnknownFunction",
      message: expect.stringContaining("expected sync-subscribers, import-subscribers, archive-events"),
    });
  });

  test("its description shows an input that it takes", async () => {
    const shown = JSON.parse(/\{.*\}$/.exec(definition.Comment ?? "")?.[0] ?? "");
    expect(shown).toEqual(exampleInput);
    const { invoke } = scripted(finished);
    expect(await execute(shown, { [exampleInput.function]: invoke })).toHaveProperty("output");
  });
});

/** A function with little time, for runs that hang, and with enough of it. */
interface TimedFunctions {
  readonly brief: LocalFunction;
  readonly whole: LocalFunction;
}

describe("with the functions as they are bundled", () => {
  let sandbox: Sandbox;
  let aws: LocalAws;
  let folder: string;
  let archive: TimedFunctions;
  let sync: TimedFunctions;
  const lines: string[] = [];
  let answers: InvocationResult[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    const emails = Array.from({ length: 8 }, (_, n) => `r${n}@example.fr`);
    const source = join(folder, "daily.csv");
    writeFileSync(source, `email\n${emails.join("\n")}\n`);
    sandbox = await startSandbox({ lists: [{ id: 123 }], events: { rowsPerDay: 5 } });
    aws = await startLocalAws({
      variables: {},
      secrets: { "newsletter-sync/ownpage": sandbox.credentials },
    });
    const configuration = parseConfiguration({
      provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "newsletter-sync/ownpage" },
      lists: { daily: { id: 123, batchSize: 2, source: { kind: "csv", uri: pathToFileURL(source).href } } },
      archive: { events: ["nl_click", "nl_bounce"] },
    });
    const start = (functionName: FunctionName, timeoutMs: number) =>
      startLocalFunction({
        functionName,
        configuration: functionConfiguration(configuration, functionName),
        environment: aws.environment,
        timeoutMs,
        onLine: (line) => lines.push(line),
      });
    const startBoth = async (name: FunctionName): Promise<TimedFunctions> => ({
      brief: await start(name, 5_000),
      whole: await start(name, 30_000),
    });
    [archive, sync] = await Promise.all([startBoth("archive-events"), startBoth("sync-subscribers")]);
  });
  beforeEach(() => {
    sandbox.faults.length = 0;
    answers = [];
  });
  afterAll(async () => {
    const functions = [archive.brief, archive.whole, sync.brief, sync.whole];
    await Promise.all([...functions.map((fn) => fn.stop()), sandbox.stop(), aws.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** @param briefRuns so many runs, which hang, are given little time */
  const run = (input: BackfillInput, functions: TimedFunctions, briefRuns = 0) =>
    execute(input, {
      [input.function]: async (event: unknown) => {
        const fn = answers.length < briefRuns ? functions.brief : functions.whole;
        const answer = await fn.invoke(event);
        answers.push(answer);
        return answer;
      },
    });

  test("a range of the archive is fetched in as many parts as it takes", async () => {
    const fault = { kind: "hang" } as const;
    sandbox.faults.push({ match: { path: /nl_click.*2018-02-03/ }, times: 1, fault });
    sandbox.faults.push({ match: { path: /nl_bounce.*2018-02-06/ }, times: 2, fault });
    const event = { from: "2018-02-01", to: "2018-02-08" };
    const outcome = await run({ function: "archive-events", event }, archive, 2);
    expect(outcome).toMatchObject({
      output: { runs: 3, summary: expect.stringContaining("events: files:") },
    });
    expect(answers).toMatchObject([
      { payload: { startedBy: "backfill", left: 2, next: { from: "2018-02-03", to: event.to } } },
      { payload: { startedBy: "backfill", left: 1, next: { from: "2018-02-06", to: event.to } } },
      { payload: { startedBy: "backfill", left: 0, settled: 5, files: [{ outcome: "stored" }] } },
    ]);
  });

  test("a failure that a person mends ends it at once, and is its error", async () => {
    sandbox.faults.push({ match: { path: /nl_bounce.*2018-03-02/ }, fault: { kind: "cut" } });
    const event = { from: "2018-03-01", to: "2018-03-03" };
    expect(await run({ function: "archive-events", event }, archive)).toEqual({
      error: "ArchiveIncompleteError",
      message: expect.stringContaining("nl_bounce of 2018-03-02"),
    });
    expect(answers).toHaveLength(1);
  });

  test("a sync that runs out of time is finished by further runs, as long as each leaves less", async () => {
    sandbox.faults.push({ match: { method: "POST", row: /r7@/ }, times: 1, fault: { kind: "hang" } });
    const outcome = await run(daily, sync, 1);
    expect(outcome).toMatchObject({ output: { runs: 2, summary: expect.stringContaining("subscribed 2") } });
    expect(answers).toMatchObject([
      { payload: { applied: { accepted: 6, left: 2 }, next: { ...daily.event, backfill: { left: 2 } } } },
      { payload: { applied: { accepted: 2, left: 0 }, startedBy: "backfill" } },
    ]);
  });

  test("a sync that gets nothing done is tried once more, and fails", async () => {
    sandbox.list(123).clear();
    sandbox.faults.push({ match: { method: "POST", path: /subscribers/ }, fault: { kind: "hang" } });
    expect(await run(daily, sync, 2)).toMatchObject({ error: "OutOfTimeError" });
    expect(answers).toHaveLength(2);
  });

  test("nothing that it holds or logs has an address", async () => {
    const outcome = await run(daily, sync);
    expect(answers).toMatchObject([{ ok: true }]);
    expect(JSON.stringify([outcome, answers, lines])).not.toMatch(/@example/);
  });
});
