import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationFile } from "../../functions/platform/environment.ts";
import { metricNamespace } from "../../functions/platform/metric-names.ts";
import { createScratchFolder } from "../../functions/platform/scratch-folder.ts";
import { functionEnvironment } from "../function-environment.ts";
import { atExit } from "./at-exit.ts";
import { bundleFunction, localRoot } from "./bundle.ts";
import { type LocalFunction, startFunction } from "./lambda-runtime.ts";
import type { InvocationResult } from "./runtime-api.ts";

/** A function of this project, and what it needs to run on this machine. */
export interface LocalFunctionOptions {
  readonly functionName: string;
  /** @default functions/<functionName>/handler.ts */
  readonly entry?: string;
  /** What the function reads as its configuration. */
  readonly configuration: unknown;
  /** In addition to what every function has: endpoints, credentials, the region, the buckets. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default 900,000: Lambda's maximum */
  readonly timeoutMs?: number;
  /** @default 1024 */
  readonly memoryMb?: number;
  /** As in `FunctionOptions`. @default no debugger */
  readonly inspectPort?: number | undefined;
  readonly onLine: (line: string) => void;
}

/** The outcome of an invocation, and its peak memory. */
export interface LocalInvocation {
  readonly result: InvocationResult;
  readonly peakMemoryMb: number;
}

/** Invokes a function once, as Lambda would on a cold start, from a bundle made for this invocation. */
export async function invokeLocally(
  options: LocalFunctionOptions & { event: unknown },
): Promise<LocalInvocation> {
  const fn = await startLocalFunction(options);
  try {
    const result = await fn.invoke(options.event);
    return { result, peakMemoryMb: fn.peakMemoryMb };
  } finally {
    await fn.stop();
  }
}

/** Bundles a function into a task root of its own and prepares it for any number of invocations. */
export async function startLocalFunction({
  functionName: name,
  entry,
  configuration,
  environment,
  timeoutMs = 900_000,
  memoryMb = 1024,
  inspectPort,
  onLine,
}: LocalFunctionOptions): Promise<LocalFunction> {
  const taskRoot = await createTaskRoot(name);
  try {
    const bundle = await bundleFunction(name, { outDir: taskRoot.path, ...(entry && { entry }) });
    writeFileSync(join(taskRoot.path, configurationFile), JSON.stringify(configuration));
    const shared = {
      ...functionEnvironment,
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_METRICS_NAMESPACE: metricNamespace,
    };
    const fn = await startFunction({
      name,
      bundle,
      environment: { ...shared, ...environment },
      timeoutMs,
      memoryMb,
      inspectPort,
      onLine,
    });
    return {
      invoke: fn.invoke,
      get peakMemoryMb() {
        return fn.peakMemoryMb;
      },
      stop: async () => {
        await fn.stop();
        taskRoot.remove();
      },
    };
  } catch (error) {
    taskRoot.remove();
    throw error;
  }
}

/** As deep in the project as a shared bundle, so that stack traces show the right paths. */
async function createTaskRoot(name: string): Promise<{ readonly path: string; remove(): void }> {
  const parent = join(localRoot, "functions");
  mkdirSync(parent, { recursive: true });
  const path = await createScratchFolder(name, parent);
  return { path, remove: atExit(() => rmSync(path, { recursive: true, force: true })) };
}
