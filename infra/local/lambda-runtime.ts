import { type InvocationResult, RuntimeApi } from "./runtime-api.ts";
import { type FunctionOptions, type RuntimeProcess, startRuntimeProcess } from "./runtime-process.ts";

/** A function on this machine, as one execution environment of Lambda runs it. */
export type LocalFunction = {
  /**
   * One at a time, in one warm process, until that process times out or ends: then the next invocation
   * gets a new one. A function that throws is a result, not a rejection.
   */
  invoke(event: unknown): Promise<InvocationResult>;
  /** The most resident memory that the function's processes had reported with an answer. */
  readonly peakMemoryMb: number;
  stop(): Promise<void>;
};

/** Makes a function ready to be invoked; its process starts with the first invocation. */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  const region = options.environment["AWS_REGION"] ?? "local";
  const arn = `arn:aws:lambda:${region}:000000000000:function:${options.name}`;
  const api = new RuntimeApi(arn, options.timeoutMs);
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
