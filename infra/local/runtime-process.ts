import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { atExit } from "./at-exit.ts";

const client = fileURLToPath(new URL("runtime-client.mjs", import.meta.url));

/** What it takes to run a function. */
export interface FunctionOptions {
  readonly name: string;
  /** The path of `index.mjs`, which exports `handler`; its folder becomes the task root. */
  readonly bundle: string;
  /** In addition to what Lambda itself sets; credentials and the region belong here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /**
   * The process waits for a debugger on this port of 127.0.0.1 (0: any free one) and writes the URL as one of its lines.
   * `timeoutMs` does not apply then. @default no debugger
   */
  readonly inspectPort?: number | undefined;
  /** Called with each line that the function writes, to either stream. */
  readonly onLine: (line: string) => void;
}

/** The process that runs a function. */
export interface RuntimeProcess {
  /** Kills it, as Lambda does, and waits until its last line has been delivered. */
  kill(): Promise<void>;
}

/**
 * Starts the process of a function. It sees Lambda's environment variables and those of the options, and none of this
 * process. `onEnd` is called with a description of how it ended.
 */
export function startRuntimeProcess(
  options: FunctionOptions,
  runtimeApi: string,
  onEnd: (how: string) => void,
): RuntimeProcess {
  const child = spawn(
    process.execPath,
    [...memoryFlags(options.memoryMb), ...inspectFlags(options.inspectPort), client],
    {
      cwd: dirname(options.bundle),
      env: { ...lambdaEnvironment(options, runtimeApi), ...options.environment },
      stdio: "pipe",
    },
  );
  const kill = atExit(() => child.kill("SIGKILL"));
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", options.onLine);
  const ended = once(child, "close").then(([code, signal]) => {
    kill();
    onEnd(`Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`);
  });
  return {
    kill: () => {
      kill();
      return ended;
    },
  };
}

/** Like Lambda's own start script: nine tenths of the memory for old objects, one tenth for new ones. */
function memoryFlags(memoryMb: number): string[] {
  const newSpaceMb = Math.floor(memoryMb / 10);
  return [
    "--expose-gc",
    "--max-http-header-size=81920",
    `--max-semi-space-size=${Math.floor(newSpaceMb / 2)}`,
    `--max-old-space-size=${memoryMb - newSpaceMb}`,
  ];
}

function inspectFlags(port: number | undefined): string[] {
  return port === undefined ? [] : [`--inspect-brk=127.0.0.1:${port}`];
}

function lambdaEnvironment({ name, bundle, memoryMb }: FunctionOptions, runtimeApi: string) {
  return {
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    LAMBDA_RUNTIME_DIR: dirname(client),
    LAMBDA_TASK_ROOT: dirname(bundle),
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
    _HANDLER: `${basename(bundle, ".mjs")}.handler`,
  };
}
