import * as z from "zod";
import { FileError } from "../json-file.ts";
import { regionOf } from "./aws-region.ts";
import { localRoot } from "./bundle.ts";
import { type InvokeCommand, invokeUsage, parseInvokeCommand, UsageError } from "./invoke-command.ts";
import { invokeLocally } from "./invoke-locally.ts";
import { KeptSecrets } from "./kept-secrets.ts";
import { type LocalAws, realAws, startLocalAws, type Variables, writtenSecrets } from "./local-aws.ts";
import { showProgress } from "./progress.ts";
import type { InvocationResult } from "./runtime-api.ts";
import { showPlan } from "./show-plan.ts";
import { readPlanOf } from "./stored-plan.ts";

/** An interrupted command exits with this. */
let status = 130;
// Set as late as possible: in a terminal, Ctrl-C is caught by the progress bar's library, which exits with 0.
process.once("exit", () => {
  process.exitCode = status;
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit());
status = await main(process.argv.slice(2), process.env);

/** @returns the exit status: 0 for an answer, 1 for an error, 2 for a wrong command */
async function main(args: string[], variables: Variables): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(`${invokeUsage}\n`);
    return 0;
  }
  try {
    const command = parseInvokeCommand(args, variables, new KeptSecrets(writtenSecrets(localRoot)).names);
    return print(await invoke(command, variables));
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FileError))
      return print(failureHere(error as Error));
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

interface Outcome {
  readonly result: InvocationResult;
  /** Shown to a person in place of the JSON: the plan that the run made, and its notes. */
  readonly shown?: string | undefined;
  /** Where a mistake was thrown. */
  readonly trace: readonly string[];
  /** Shown last, for a person. */
  readonly closing: readonly string[];
}

async function invoke(command: InvokeCommand, variables: Variables): Promise<Outcome> {
  const { secrets, isRealAws, functionName, memoryMb } = command;
  const aws = isRealAws
    ? realAws({ ...variables, AWS_REGION: await regionOf(variables) })
    : await startLocalAws({ variables, secrets, directory: localRoot });
  const progress = showProgress();
  const startedAt = Date.now();
  try {
    const { result, peakMemoryMb } = await invokeLocally({
      ...command,
      environment: aws.environment,
      onLine: progress.line,
    });
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    const usage = `${functionName}: ${seconds} s, ${peakMemoryMb} of ${memoryMb} MB`;
    const { text, report, trace = traceIn(result) } = progress.summary ?? {};
    const shown = pageIn(result, process.stdout) ?? (await planFor(process.stdout, aws.environment, report));
    const page = await pageOf(aws, report);
    return { result, shown, trace, closing: [usage, page, text].filter((line) => line !== undefined) };
  } finally {
    progress.end();
    await aws.stop();
  }
}

/** What is told of a reader, if a person is at a terminal. */
function pageIn(result: InvocationResult, output: NodeJS.WriteStream): string | undefined {
  if (!output.isTTY || !result.ok) return undefined;
  return z.object({ page: z.string() }).safeParse(result.payload).data?.page;
}

/** The plan that a run made, if a person is at a terminal. A file or another program gets no address. */
async function planFor(
  output: NodeJS.WriteStream,
  environment: LocalAws["environment"],
  reportKey: string | undefined,
): Promise<string | undefined> {
  if (!output.isTTY || reportKey === undefined) return undefined;
  // Whoever may start a run may not be allowed to read its plan: then the report has to do.
  const stored = await readPlanOf(environment, reportKey).catch(() => undefined);
  return stored && [showPlan(stored, output), ...stored.notes.map((note) => `note: ${note}`)].join("\n\n");
}

/** Draws the page of a run. In AWS its report has that done; in an S3 of the user's own, nothing does. */
async function pageOf(
  { environment, pages }: LocalAws,
  reportKey: string | undefined,
): Promise<string | undefined> {
  if (pages === undefined || reportKey === undefined) return undefined;
  // The charts take a while to load, and whoever makes a plan does not wait for them.
  const { drawPage } = await import("./local-pages.ts");
  const path = await drawPage(environment, reportKey, pages).catch((error: Error) => error);
  return path instanceof Error ? `its page could not be drawn: ${path.name}` : path && `page: ${path}`;
}

/** Where an error was thrown that ended the function before it could say anything: one that is not of ours. */
function traceIn(result: InvocationResult): readonly string[] {
  const isOurs = result.ok || !(result.error.errorType in globalThis);
  return isOurs ? [] : result.error.trace.filter(isFrame);
}

function isFrame(line: string): boolean {
  return line.startsWith("    at ");
}

/** The function could not be run. Of the built-in errors, a plain one is ours, and says what to do. */
function failureHere({ name, message, stack = "" }: Error): Outcome {
  const trace = name === "Error" ? [] : stack.split("\n").filter(isFrame);
  return {
    result: { ok: false, error: { errorType: name, errorMessage: message, trace: [] } },
    trace,
    closing: [],
  };
}

function print({ result, shown, trace, closing }: Outcome): number {
  const tell = (lines: readonly string[]) => process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  const answer = (json: unknown) => process.stdout.write(`${shown ?? JSON.stringify(json, null, 2)}\n`);
  if (result.ok) answer(result.payload);
  else {
    const { errorType, errorMessage } = result.error;
    answer({ errorType, errorMessage });
    // In plain text as well as JSON, so that an event in it can be copied.
    tell([`${errorType}: ${errorMessage}`, ...trace]);
  }
  tell(closing);
  return result.ok ? 0 : 1;
}
