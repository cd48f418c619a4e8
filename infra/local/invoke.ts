import { join } from "node:path";
import { regionOf } from "./aws-region.ts";
import { localRoot } from "./bundle.ts";
import { FileError } from "./command-files.ts";
import { type InvokeCommand, parseInvokeCommand, UsageError } from "./invoke-command.ts";
import { invokeLocally } from "./invoke-locally.ts";
import { realAws, startLocalAws, type Variables } from "./local-aws.ts";
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
    const command = parseInvokeCommand(args, variables);
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
  /** Shown last, for a person. */
  readonly closing: readonly string[];
}

async function invoke(command: InvokeCommand, variables: Variables): Promise<Outcome> {
  const directory = join(localRoot, "s3");
  const { secrets, isRealAws, functionName, memoryMb } = command;
  const aws = isRealAws
    ? realAws({ ...variables, AWS_REGION: await regionOf(variables) })
    : await startLocalAws({ variables, secrets, directory });
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
    return { result, closing: [usage, ...(progress.summary === undefined ? [] : [progress.summary])] };
  } finally {
    progress.end();
    await aws.stop();
  }
}

/** The function could not be run. Of the built-in errors, a plain one is ours, and says what to do. */
function failureHere({ name, message, stack = "" }: Error): Outcome {
  const trace = name === "Error" ? [] : stack.split("\n");
  return { result: { ok: false, error: { errorType: name, errorMessage: message, trace } }, closing: [] };
}

function print({ result, closing }: Outcome): number {
  if (result.ok) process.stdout.write(`${JSON.stringify(result.payload, null, 2)}\n`);
  else {
    const { errorType, errorMessage, trace } = result.error;
    // Our own messages say what to do; of a bug, only the stack trace says where it is.
    const isBug = /^\w*Error$/.test(errorType) && errorType in globalThis && trace.length > 0;
    // In plain text as well as JSON, so that an event in it can be copied.
    process.stderr.write(`${isBug ? trace.join("\n") : `${errorType}: ${errorMessage}`}\n`);
    process.stdout.write(`${JSON.stringify({ errorType, errorMessage }, null, 2)}\n`);
  }
  for (const line of closing) process.stderr.write(`${line}\n`);
  return result.ok ? 0 : 1;
}
