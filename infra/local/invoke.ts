import { join } from "node:path";
import { localRoot } from "./bundle.ts";
import { FileError, type InvokeCommand, parseInvokeCommand, UsageError } from "./invoke-command.ts";
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
    return print(await invoke(parseInvokeCommand(args, variables), variables));
  } catch (error) {
    const { name, message } = error as Error;
    if (!(error instanceof UsageError || error instanceof FileError)) {
      return print({ ok: false, error: { errorType: name, errorMessage: message, trace: [] } });
    }
    process.stderr.write(`${message}\n`);
    return 2;
  }
}

async function invoke(command: InvokeCommand, variables: Variables): Promise<InvocationResult> {
  const directory = join(localRoot, "s3");
  const { secrets, isRealAws, functionName, memoryMb } = command;
  const aws = isRealAws ? realAws(variables) : await startLocalAws({ variables, secrets, directory });
  const progress = showProgress();
  const startedAt = Date.now();
  try {
    const { result, peakMemoryMb } = await invokeLocally({
      ...command,
      environment: aws.environment,
      onLine: progress.line,
    });
    progress.end();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`${functionName}: ${seconds} s, ${peakMemoryMb} of ${memoryMb} MB\n`);
    return result;
  } finally {
    progress.end();
    await aws.stop();
  }
}

function print(result: InvocationResult): number {
  if (result.ok) {
    process.stdout.write(`${JSON.stringify(result.payload, null, 2)}\n`);
    return 0;
  }
  const { errorType, errorMessage, trace } = result.error;
  // Our own messages say what to do; of a bug, only the stack trace says where it is.
  if (/^\w*Error$/.test(errorType) && errorType in globalThis) process.stderr.write(`${trace.join("\n")}\n`);
  // In plain text as well as JSON, so that an event in it can be copied.
  else process.stderr.write(`${errorType}: ${errorMessage}\n`);
  process.stdout.write(`${JSON.stringify({ errorType, errorMessage }, null, 2)}\n`);
  return 1;
}
