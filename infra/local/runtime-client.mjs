// Runs one function as Lambda's Node runtime does: imports the bundle, then asks the Runtime API for one
// invocation after another. Plain JavaScript, so that nothing has to be compiled before the function starts.

import { Agent, request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { env } = process;
const [hostname, port] = env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true });

// Closed when the parent process ends, even if it is killed: a function must not outlive it.
process.stdin.once("end", () => process.exit(1)).resume();
process.stdin.unref();

// Errors are reported to the phase in which they happen: the cold start, or an invocation.
let phase = "/init";

process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (reason) => fail(reason, "Runtime.UnhandledPromiseRejection"));

const handler = await load().catch(fail);
while (handler) await invoke(await call("GET", "/invocation/next"));

async function load() {
  const [file, name] = env._HANDLER.split(".");
  const module = await import(pathToFileURL(join(env.LAMBDA_TASK_ROOT, `${file}.mjs`)).href);
  if (typeof module[name] === "function") return module[name];
  throw Object.assign(new Error(`${env._HANDLER} is undefined or not exported`), {
    name: "Runtime.HandlerNotFound",
  });
}

async function invoke({ headers, body }) {
  const id = headers["lambda-runtime-aws-request-id"];
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  phase = `/invocation/${id}`;
  env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  const context = {
    awsRequestId: id,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    await call("POST", `${phase}/response`, await handler(JSON.parse(body), context));
  } catch (error) {
    await call("POST", `${phase}/error`, describe(error));
  }
}

async function fail(error, errorType) {
  try {
    await call("POST", `${phase}/error`, describe(error, errorType));
  } finally {
    process.exit(1);
  }
}

function describe(error, errorType) {
  return {
    errorType: errorType ?? error?.name ?? typeof error,
    errorMessage: String(error?.message ?? error),
    trace: String(error?.stack ?? "").split("\n"),
  };
}

function call(method, path, value = null) {
  const { promise, resolve, reject } = Promise.withResolvers();
  // Not part of Lambda's API: for the benchmarks, and for the person who invokes.
  const headers = { "local-peak-memory-kb": process.resourceUsage().maxRSS };
  request({ hostname, port, agent, method, path: `/2018-06-01/runtime${path}`, headers }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
  })
    .on("error", reject)
    .end(method === "POST" ? JSON.stringify(value) : undefined);
  return promise;
}
