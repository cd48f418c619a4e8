import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { functionConfiguration, parseConfiguration } from "../config.ts";
import { functionNames } from "./bundle.ts";
import { secretsEndpoint, type Variables } from "./local-aws.ts";

/** What `npm run invoke` was asked to do. */
export type InvokeCommand = {
  functionName: string;
  event: unknown;
  /** The function's share of the configuration. */
  configuration: unknown;
  secrets: Record<string, unknown>;
  isRealAws: boolean;
  timeoutMs: number;
  memoryMb: number;
};

/** The command line is not right; the message says what is, to the person who typed it. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${usage}`);
  }
}

/** A file that the command line names is not right: how to call the command is no question then. */
export class FileError extends Error {
  constructor(option: string, path: string, problem: string) {
    super(`${option} ${path}: ${problem}`);
  }
}

const example = `npm run invoke -- sync-subscribers '{"list":"daily","mode":"plan"}' --config newsletter.json`;
const usage = `npm run invoke -- FUNCTION 'EVENT JSON' --config FILE
  --config FILE      the JSON of cdk.json's context "newsletter", or a cdk.json
  --secrets FILE     a JSON object of secrets, name → value
  --aws              works with AWS, by your own credentials, instead of an embedded S3 and Secrets Manager;
                     EXCHANGE_BUCKET and ARCHIVE_BUCKET name the buckets
  --timeout SECONDS  when to stop the function (900)
  --memory MB        the function's memory (1024)
  --help             this
For example: ${example}`;

/** @throws UsageError and FileError */
export function parseInvokeCommand(args: string[], variables: Variables): InvokeCommand {
  const { positionals, values } = parseArguments(args);
  if (values.help) throw new UsageError("Runs one function on this machine, as Lambda would.");
  const functionName = parseFunctionName(positionals[0]);
  const event = parseEvent(positionals.slice(1));
  if (values.config === undefined) throw new UsageError("--config FILE is missing");
  const hasOwnSecrets = values.aws || secretsEndpoint(variables) !== undefined;
  if (values.secrets !== undefined && hasOwnSecrets) {
    throw new UsageError("--secrets is for the embedded Secrets Manager, and another one is asked for");
  }
  if (values.aws && !(variables["EXCHANGE_BUCKET"] && variables["ARCHIVE_BUCKET"])) {
    throw new UsageError(
      "--aws needs the variables EXCHANGE_BUCKET and ARCHIVE_BUCKET: the deployed buckets' names",
    );
  }
  return {
    functionName,
    event,
    configuration: readConfiguration(values.config, functionName),
    secrets: values.secrets === undefined ? {} : readSecrets(values.secrets),
    isRealAws: values.aws,
    timeoutMs: 1000 * parseNumber("--timeout", values.timeout),
    memoryMb: parseNumber("--memory", values.memory),
  };
}

function parseArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        config: { type: "string" },
        secrets: { type: "string" },
        aws: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        timeout: { type: "string", default: "900" },
        memory: { type: "string", default: "1024" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseFunctionName(name: string | undefined): string {
  const known = functionNames();
  if (name !== undefined && known.includes(name)) return name;
  const problem = name === undefined ? "FUNCTION is missing" : `there is no function ${name}`;
  throw new UsageError(`${problem}; there is ${known.join(", ")}`);
}

function parseEvent([text, ...rest]: string[]): unknown {
  if (text === undefined) throw new UsageError("the event is missing");
  if (rest.length > 0) throw new UsageError(`one event, in quotes; this is too much: ${rest.join(" ")}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`the event is not JSON: ${text}`);
  }
}

function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new UsageError(`${option} takes a number above 0, not ${text}`);
}

const cdkSchema = z.object({ context: z.object({ newsletter: z.unknown() }) });

function readConfiguration(path: string, functionName: string): unknown {
  const json = readJson("--config", path);
  const cdk = cdkSchema.safeParse(json);
  try {
    return functionConfiguration(
      parseConfiguration(cdk.success ? cdk.data.context.newsletter : json),
      functionName,
    );
  } catch (error) {
    throw new FileError("--config", path, (error as Error).message);
  }
}

function readSecrets(path: string): Record<string, unknown> {
  const secrets = z.record(z.string(), z.unknown()).safeParse(readJson("--secrets", path));
  // A secret's own value, without its name, is an object too.
  if (secrets.success && !("apiKey" in secrets.data || "password" in secrets.data)) return secrets.data;
  const expected = 'a JSON object of secrets by their names is expected: {"newsletter-sync/ownpage": {…}, …}';
  throw new FileError("--secrets", path, expected);
}

function readJson(option: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // The parser's message would quote the file, which may hold secrets.
    if (error instanceof SyntaxError) throw new FileError(option, path, `is not JSON${placeOf(error)}`);
    throw new FileError(option, path, "there is no such file, or it can not be read");
  }
}

function placeOf({ message }: SyntaxError): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
  return line === undefined ? "" : ` at line ${line}, column ${column}`;
}
