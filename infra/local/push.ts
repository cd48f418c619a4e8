import { parseMessage } from "../../functions/push-changes/push-message.ts";
import { FileError } from "../json-file.ts";
import { localRoot } from "./bundle.ts";
import { type InvokeCommand, parseInvokeCommand, UsageError } from "./invoke-command.ts";
import { startLocalFunction } from "./invoke-locally.ts";
import { KeptSecrets } from "./kept-secrets.ts";
import { startLocalAws, writtenSecrets } from "./local-aws.ts";
import { openLocalQueue } from "./local-queue.ts";
import { showProgress } from "./progress.ts";

const usage = `npm run push -- 'MESSAGE JSON' --config FILE [--secrets FILE]
Sends a message through a queue of this machine to push-changes; an array is several messages.
The options are those of npm run invoke, but for --aws: a deployment has an API, which docs/push.md shows.
For example: npm run push -- '{"list":"daily","email":"ada@example.fr","subscribed":false,"unsubscribed_cause":"READER","at":"2026-06-01T10:00:00Z"}' --config newsletter.json`;

class MessageError extends Error {}

/** `npm run push`. @returns the exit status: 0 if every message is done, 1 if one has to wait */
async function push(command: InvokeCommand): Promise<number> {
  const { secrets, event, ...options } = command;
  const messages = [event].flat();
  for (const [index, message] of messages.entries()) {
    const parsed = parseMessage(JSON.stringify(message), Date.now());
    if ("problem" in parsed)
      throw new MessageError(`message ${index + 1} can never be right: ${parsed.problem}`);
  }
  const aws = await startLocalAws({ variables: process.env, secrets, directory: localRoot });
  const queue = await openLocalQueue(aws);
  const progress = showProgress();
  const environment = { ...aws.environment, ...queue.environment };
  let shown = progress.summary;
  const onLine = (line: string) => {
    progress.line(line);
    // A batch has a run for each list.
    if (progress.summary === undefined || progress.summary === shown) return;
    shown = progress.summary;
    progress.end();
    process.stdout.write(`${shown.text}\n`);
    if (shown.failure !== undefined) process.stderr.write(`${shown.failure}\n`);
  };
  const fn = await startLocalFunction({ ...options, environment, onLine });
  try {
    for (const message of messages) await queue.send(message);
    while ((await queue.deliver(fn)) > 0);
    return (await queue.count()) === 0 ? 0 : 1;
  } finally {
    await fn.stop();
    queue.stop();
    await aws.stop();
  }
}

function parse(args: readonly string[]): InvokeCommand {
  const kept = new KeptSecrets(writtenSecrets(localRoot)).names;
  const command = parseInvokeCommand(["push-changes", ...args], process.env, kept);
  if (command.isRealAws) throw new UsageError("--aws is of npm run invoke alone");
  return command;
}

const args = process.argv.slice(2);
try {
  if (args.includes("--help")) process.stdout.write(`${usage}\n`);
  else process.exitCode = await push(parse(args));
} catch (error) {
  if (![UsageError, FileError, MessageError].some((kind) => error instanceof kind)) throw error;
  const text = error instanceof UsageError ? `${error.problem}\n\n${usage}` : (error as Error).message;
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}
