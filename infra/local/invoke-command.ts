import { parseArgs } from "node:util";
import * as z from "zod";
import { type Configuration, functionConfiguration } from "../config.ts";
import { FileError } from "../json-file.ts";
import { functionNames } from "./bundle.ts";
import { readConfiguration, readSecrets } from "./command-files.ts";
import { secretsEndpoint, type Variables } from "./local-aws.ts";

/** What `npm run invoke` was asked to do. */
export interface InvokeCommand {
  readonly functionName: string;
  readonly event: unknown;
  /** The function's share of the configuration. */
  readonly configuration: unknown;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly isRealAws: boolean;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** The port on which to wait for a debugger, 0 for any free one; undefined to run without. */
  readonly inspectPort: number | undefined;
}

/** The command line is wrong; the message tells the person who typed it how to call the command. */
export class UsageError extends Error {
  /** Without how to call `npm run invoke`, for another command that takes its options. */
  readonly problem: string;

  constructor(problem: string) {
    super(`${problem}\n\n${invokeUsage}`);
    this.problem = problem;
  }
}

const example = `npm run invoke -- sync-subscribers '{"list":"daily","mode":"plan"}' --config newsletter.json`;
export const invokeUsage = `npm run invoke -- FUNCTION 'EVENT JSON' --config FILE
Runs one function on this machine, as Lambda would.
  --config FILE      the configuration that is deployed, too; or a cdk.json that holds it
  --secrets FILE     a JSON object of secrets, name → value
  --aws              use AWS, with your own credentials, instead of an embedded S3 and Secrets Manager;
                     EXCHANGE_BUCKET and ARCHIVE_BUCKET name the buckets
  --timeout SECONDS  when to stop the function (900)
  --memory MB        the function's memory (1024)
  --inspect[=PORT]   wait for a debugger, whose URL is shown; there is no time limit then
  --help             show this
For example: ${example}`;

/**
 * @param kept the names of secrets that need not be given, as the embedded Secrets Manager has them
 * @throws UsageError; FileError when a file that the command line names is wrong
 */
export function parseInvokeCommand(
  args: readonly string[],
  variables: Variables,
  kept: readonly string[] = [],
): InvokeCommand {
  const { positionals, values } = parseArguments(args);
  const functionName = parseFunctionName(positionals[0]);
  const event = parseEvent(positionals.slice(1));
  if (values.config === undefined) throw new UsageError("--config FILE is missing");
  refuseContradictions(values, variables);
  const configuration = readConfiguration(values.config);
  const hasEmbeddedSecrets = !values.aws && secretsEndpoint(variables) === undefined;
  const needed = secretsFor(functionName, configuration, event).filter((name) => !kept.includes(name));
  return {
    functionName,
    event,
    configuration: functionConfiguration(configuration, functionName),
    secrets: hasEmbeddedSecrets ? readNeededSecrets(values.secrets, needed) : {},
    isRealAws: values.aws,
    timeoutMs: 1000 * parseNumber("--timeout", values.timeout, { least: 1, most: 900 }),
    memoryMb: parseNumber("--memory", values.memory, { least: 128, most: 10_240 }),
    inspectPort: values.inspect === undefined ? undefined : parsePort("--inspect", values.inspect),
  };
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({
      // parseArgs knows no option whose value may be left out.
      args: args.map((arg) => (arg === "--inspect" ? "--inspect=0" : arg)),
      allowPositionals: true,
      options: {
        config: { type: "string" },
        secrets: { type: "string" },
        aws: { type: "boolean", default: false },
        inspect: { type: "string" },
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
  const problem = name === undefined ? "FUNCTION is missing" : `there is no function "${name}"`;
  throw new UsageError(`${problem}; the functions are ${known.join(", ")}`);
}

function parseEvent([text, ...rest]: string[]): unknown {
  if (text === undefined) throw new UsageError("the event is missing");
  if (rest.length > 0) {
    throw new UsageError(`expected one event, in quotes; do not know what to do with ${rest.join(" ")}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `the event is not JSON: ${text}\nA shell takes away quotes: put the whole event into single ones`,
    );
  }
}

function refuseContradictions(
  { secrets, aws, inspect }: ReturnType<typeof parseArguments>["values"],
  variables: Variables,
): void {
  if (secrets !== undefined && (aws || secretsEndpoint(variables) !== undefined)) {
    throw new UsageError("--secrets fills the embedded Secrets Manager, but another one is to be used");
  }
  if (inspect !== undefined && aws) {
    throw new UsageError(
      "--inspect cannot be used with --aws: a run that is held at a breakpoint would keep the list's lock",
    );
  }
  if (aws && !(variables["EXCHANGE_BUCKET"] && variables["ARCHIVE_BUCKET"])) {
    throw new UsageError(
      "--aws needs the variables EXCHANGE_BUCKET and ARCHIVE_BUCKET: the names of the deployed buckets",
    );
  }
}

function parseNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a number from ${least} to ${most}, as Lambda does, not ${text}`);
}

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${option} takes a port, as in ${option}=9229, not ${text}`);
}

/** With embedded secrets, a run that lacks one would only fail later, with advice for those of AWS. */
function readNeededSecrets(path: string | undefined, needed: readonly string[]): Record<string, unknown> {
  const secrets = path === undefined ? {} : readSecrets(path);
  const missing = needed.filter((name) => !Object.hasOwn(secrets, name));
  if (missing.length === 0) return secrets;
  const names = missing.map((name) => JSON.stringify(name)).join(" and ");
  if (path === undefined) throw new UsageError(`--secrets FILE is missing: this run needs ${names}`);
  throw new FileError("--secrets", path, `it does not have ${names}, which the configuration names`);
}

function secretsFor(functionName: string, configuration: Configuration, event: unknown): string[] {
  const { provider, lists } = configuration;
  if (functionName === "watch-runs" || functionName === "show-runs") return [];
  const name = z.object({ list: z.string() }).safeParse(event).data?.list;
  if (name === undefined && functionName === "look-up-reader") {
    const secrets = Object.keys(lists).flatMap((list) => secretsFor(functionName, configuration, { list }));
    return [...new Set(secrets)];
  }
  if (name === undefined) return [provider.secret];
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
  // The function itself refuses a list that does not exist, and shows one that does.
  if (list === undefined) return [];
  const { source, returns } = list;
  if (functionName === "push-changes") return [(list.provider ?? provider).secret];
  const databases = functionName === "sync-subscribers" ? [source, returns] : [source];
  const known = databases.filter((database) => database?.kind === "postgres");
  return [(list.provider ?? provider).secret, ...known.map(({ secret }) => secret)];
}
