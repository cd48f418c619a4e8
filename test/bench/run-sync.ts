import { pathToFileURL } from "node:url";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { type LocalFunctionOptions, startLocalFunction } from "../../infra/local/invoke-locally.ts";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import type { InvocationResult } from "../../infra/local/runtime-api.ts";
import type { MeasuredFigures } from "./comparison.ts";
import { runScript, startServer } from "./processes.ts";

export interface SyncRun {
  /** The provider's base URL. */
  readonly url: string;
  readonly sourceFile: string;
  /** The number of subscribers on the larger side. */
  readonly size: number;
}

/** The outcome of an invocation. */
export interface SyncInvocation {
  readonly result: InvocationResult;
  /** From the start of its process to its answer, about 0.3 s more than in its report. */
  readonly wallMs: number;
  readonly peakMb: number;
}

/** Lets the function apply this number of changes, which must all be accepted. */
export async function runSync(run: SyncRun, changes: number): Promise<MeasuredFigures> {
  const { result, peakMb } = await invokeSync(run, "apply");
  const { applied, discrepancies, notes, ms } = reportOf(result);
  if (applied.accepted !== changes || discrepancies.length + notes.length > 0) {
    throw new Error(`the sync did not do its work: ${JSON.stringify(result)}`);
  }
  return { ms, peakMb };
}

/** @throws Error with the function's own message if it failed */
export function reportOf(result: InvocationResult): SyncReport {
  if (!result.ok) throw new Error(result.error.errorMessage);
  return result.payload as SyncReport;
}

/** Invokes the function once, with a new S3, in which no earlier plan takes memory. */
export async function invokeSync(
  { url, sourceFile, size }: SyncRun,
  mode: SyncReport["mode"],
): Promise<SyncInvocation> {
  const aws = await startLocalAws({
    variables: {},
    secrets: { "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" } },
  });
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "csv", uri: pathToFileURL(sourceFile).href } } },
  });
  try {
    const options: LocalFunctionOptions = {
      functionName: "sync-subscribers",
      configuration: functionConfiguration(configuration, "sync-subscribers"),
      environment: aws.environment,
      memoryMb: memoryMbFor(size),
      onLine: () => undefined,
    };
    return await invokeTimed(options, { list: "daily", mode });
  } finally {
    await aws.stop();
  }
}

async function invokeTimed(options: LocalFunctionOptions, event: SyncEvent): Promise<SyncInvocation> {
  const fn = await startLocalFunction(options);
  try {
    const startedAt = performance.now();
    const result = await fn.invoke(event);
    return { result, wallMs: performance.now() - startedAt, peakMb: fn.peakMemoryMb };
  } finally {
    await fn.stop();
  }
}

/** 512 MB is enough for a million subscribers, 1536 MB for ten million, 3072 MB for twenty. */
function memoryMbFor(size: number): number {
  if (size <= 1_000_000) return 512;
  return size <= 10_000_000 ? 1536 : 3072;
}

/** Starts a sandbox whose pages are already serialised, so that serving them costs next to nothing. */
export async function withSandbox<Result>(
  size: number,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const options = ["--port", "0", "--delay", "100", "--subscribers", String(size)];
  const sandbox = await startServer("../../infra/sandbox/ownpage/main.ts", options);
  try {
    await runFloor(sandbox.url, size);
    return await use(sandbox.url);
  } finally {
    await sandbox.stop();
  }
}

/** Fetches and parses every page of a list of `size` subscribers, and does nothing else. */
export function runFloor(url: string, size: number): Promise<MeasuredFigures> {
  return runScript("floor.ts", [url, String(size)]);
}
