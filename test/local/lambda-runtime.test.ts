import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bundleFunction } from "../../infra/local/bundle.ts";
import { startFunction } from "../../infra/local/lambda-runtime.ts";
import { RuntimeApi } from "../../infra/local/runtime-api.ts";

const outDir = mkdtempSync(join(tmpdir(), "newsletter-sync-bundle-"));
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const bundles = new Map<string, string>();
beforeAll(async () => {
  for (const name of ["function", "fails-at-start"]) {
    bundles.set(name, await bundleFunction(name, { entry: fixture(name), outDir: join(outDir, name) }));
  }
});
afterAll(() => rmSync(outDir, { recursive: true }));

async function start(name = "function", timeoutMs = 10_000) {
  const lines: string[] = [];
  const fn = await startFunction({
    name,
    bundle: bundles.get(name) ?? "",
    environment: { AWS_REGION: "eu-west-3", OURS: "yes" },
    timeoutMs,
    memoryMb: 256,
    onLine: (line) => lines.push(line),
  });
  onTestFinished(() => fn.stop());
  return { ...fn, lines };
}

test("a function sees Lambda's environment and what is passed to it, and nothing of this process", async () => {
  process.env["OF_THIS_PROCESS"] = "must not be seen";
  const { invoke } = await start();
  const { payload } = (await invoke({ do: "answer" })) as { payload: { environment: object } };
  expect(payload).toMatchObject({ memory: "256", hour: 0 });
  expect(payload.environment).toMatchObject({
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_FUNCTION_NAME: "function",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_REGION: "eu-west-3",
    LAMBDA_TASK_ROOT: dirname(bundles.get("function") ?? ""),
    OURS: "yes",
    TZ: ":UTC",
    _HANDLER: "index.handler",
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
  });
  expect(payload.environment).not.toHaveProperty("OF_THIS_PROCESS");
});

test("the second invocation finds a warm process, even if it does not wait for the first", async () => {
  const { invoke } = await start();
  const results = await Promise.all([invoke({ do: "answer" }), invoke({ do: "answer" })]);
  expect(results).toMatchObject([{ payload: { invocation: 1 } }, { payload: { invocation: 2 } }]);
});

test("an answer of undefined becomes null", async () => {
  const { invoke } = await start();
  expect(await invoke({ do: "answerNothing" })).toEqual({ ok: true, payload: null });
});

test("what a function throws is the result, under its own name, and the process stays warm", async () => {
  const { invoke } = await start();
  expect(await invoke({ do: "throw" })).toMatchObject({
    ok: false,
    error: { errorType: "SomebodyActsError", errorMessage: "somebody acts now" },
  });
  expect(await invoke({ do: "throwText" })).toMatchObject({ error: { errorMessage: "a text" } });
  expect(await invoke({ do: "answer" })).toMatchObject({ payload: { invocation: 3 } });
});

test("a function that times out is killed, and the next invocation starts cold", async () => {
  const { invoke } = await start("function", 200);
  expect(await invoke({ do: "hang" })).toMatchObject({
    ok: false,
    error: {
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringContaining("Task timed out after 0.20 seconds"),
    },
  });
  expect(await invoke({ do: "answer" })).toMatchObject({ payload: { invocation: 1 } });
});

test("the connection of a function is kept for as long as it runs, and not closed while it is idle", async () => {
  const api = new RuntimeApi("arn", 900_000);
  const address = await api.start();
  onTestFinished(() => {
    api.processEnded("over");
    return api.stop();
  });
  void api.invoke({});
  const { headers } = await fetch(`http://${address}/2018-06-01/runtime/invocation/next`);
  expect(headers.get("connection")).toBe("keep-alive");
  // Node announces after how many seconds of silence it closes a connection, if it ever does.
  expect(headers.get("keep-alive")).toBeNull();
});

test("a function knows the time that it has left", async () => {
  const { invoke } = await start("function", 5_000);
  const { payload } = (await invoke({ do: "answer" })) as { payload: { remainingMs: number } };
  expect(payload.remainingMs).toBeGreaterThan(4_000);
  expect(payload.remainingMs).toBeLessThanOrEqual(5_000);
});

test("a process that exits fails its invocation, and the next one starts cold", async () => {
  const { invoke } = await start();
  expect(await invoke({ do: "exit" })).toMatchObject({
    error: { errorType: "Runtime.ExitError", errorMessage: expect.stringContaining("exit status 7") },
  });
  expect(await invoke({ do: "forgetRejection" })).toMatchObject({
    error: { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: "somebody acts now" },
  });
  expect(await invoke({ do: "answer" })).toMatchObject({ payload: { invocation: 1 } });
});

test("a cold start that fails is reported each time", async () => {
  const { invoke } = await start("fails-at-start");
  const failed = { ok: false, error: { errorType: "RangeError", errorMessage: "no cold start" } };
  expect(await invoke({})).toMatchObject(failed);
  expect(await invoke({})).toMatchObject(failed);
});

test("both streams are delivered line by line, the last line too", async () => {
  const { invoke, stop, lines } = await start();
  await invoke({ do: "write" });
  await stop();
  expect(lines.toSorted()).toEqual(["first", "second", "third, without a newline"]);
});

test("a bundle can start itself as a worker", async () => {
  const { invoke } = await start();
  expect(await invoke({ do: "askWorker" })).toEqual({ ok: true, payload: "from a worker" });
});

test("a function's peak memory is known", async () => {
  const fn = await startFunction({
    name: "function",
    bundle: bundles.get("function") ?? "",
    environment: {},
    timeoutMs: 10_000,
    memoryMb: 256,
    onLine: () => {},
  });
  onTestFinished(() => fn.stop());
  await fn.invoke({ do: "answer" });
  expect(fn.peakMemoryMb).toBeGreaterThan(20);
});

test("an inspected function shows its URL, waits for a debugger, and has no time limit", async () => {
  const { promise: url, resolve } = Promise.withResolvers<string>();
  const fn = await startFunction({
    name: "function",
    bundle: bundles.get("function") ?? "",
    environment: {},
    timeoutMs: 1,
    memoryMb: 256,
    inspectPort: 0,
    onLine: (line) => {
      const [found] = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    },
  });
  onTestFinished(() => fn.stop());
  const answer = fn.invoke({ do: "answer" });
  const inspector = new WebSocket(await url);
  const letRun = () => inspector.send(JSON.stringify({ id: 1, method: "Runtime.runIfWaitingForDebugger" }));
  inspector.addEventListener("open", letRun);
  // Asked a moment before it waits, the function has not heard it: so it is asked again with each answer.
  inspector.addEventListener("message", letRun);
  const { payload } = (await answer) as { payload: { remainingMs: number } };
  inspector.close();
  expect(payload.remainingMs).toBeGreaterThan(23 * 3600 * 1000);
});
