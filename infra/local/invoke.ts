import { regionOf } from "./aws-region.ts";
import { localRoot } from "./bundle.ts";
import { FileError } from "./command-files.ts";
import { type InvokeCommand, parseInvokeCommand, UsageError } from "./invoke-command.ts";
import { invokeLocally } from "./invoke-locally.ts";
import { KeptSecrets } from "./kept-secrets.ts";
import { realAws, startLocalAws, type Variables, writtenSecrets } from "./local-aws.ts";
import { showProgress } from "./progress.ts";
import type { InvocationResult } from "./runtime-api.ts";

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
    const { text, trace = traceIn(result) } = progress.summary ?? {};
    return { result, trace, closing: text === undefined ? [usage] : [usage, text] };
  } finally {
    progress.end();
    await aws.stop();
  }
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

function print({ result, trace, closing }: Outcome): number {
  const tell = (lines: readonly string[]) => process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  if (result.ok) process.stdout.write(`${JSON.stringify(result.payload, null, 2)}\n`);
  else {
    const { errorType, errorMessage } = result.error;
    // In plain text as well as JSON, so that an event in it can be copied.
    tell([`${errorType}: ${errorMessage}`, ...trace]);
    process.stdout.write(`${JSON.stringify({ errorType, errorMessage }, null, 2)}\n`);
  }
  tell(closing);
  return result.ok ? 0 : 1;
}
