import { type InvocationResult, RuntimeApi } from "./runtime-api.ts";
import { type FunctionOptions, type RuntimeProcess, startRuntimeProcess } from "./runtime-process.ts";

/** A function on this machine, run as in one of Lambda's execution environments. */
export interface LocalFunction {
  /**
   * Invocations run one at a time in a warm process. When that process times out or ends, the next invocation starts a
   * new one. A function that throws is a result, not a rejection.
   */
  invoke(event: unknown): Promise<InvocationResult>;
  /** The largest resident memory that the function's processes have reported with an answer. */
  readonly peakMemoryMb: number;
  stop(): Promise<void>;
}

/** In effect no limit, but one that a timer can hold. */
const debuggingTimeoutMs = 24 * 3600 * 1000;

/** Prepares a function; its process starts with the first invocation. */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  const region = options.environment["AWS_REGION"] ?? "local";
  const arn = `arn:aws:lambda:${region}:000000000000:function:${options.name}`;
  const api = new RuntimeApi(arn, options.inspectPort === undefined ? options.timeoutMs : debuggingTimeoutMs);
  const address = await api.start();
  let running: RuntimeProcess | undefined;
  let previous: Promise<unknown> = Promise.resolve();

  const invokeNow = async (event: unknown): Promise<InvocationResult> => {
    running ??= startRuntimeProcess(options, address, (how) => {
      running = undefined;
      api.processEnded(how);
    });
    const result = await api.invoke(event);
    if (!result.ok && result.error.errorType === "Sandbox.Timedout") await running?.kill();
    return result;
  };

  return {
    invoke: (event) => {
      const result = previous.then(() => invokeNow(event));
      previous = result;
      return result;
    },
    get peakMemoryMb() {
      return api.peakMemoryMb;
    },
    stop: async () => {
      await running?.kill();
      await api.stop();
    },
  };
}
