import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import * as z from "zod";

const errorSchema = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  trace: z.array(z.string()),
});

/** The outcome of an invocation, as Lambda returns it. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: z.infer<typeof errorSchema> };

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  timer: NodeJS.Timeout;
  answer?: InvocationResult;
  settle(result: InvocationResult): void;
}

const coldStartMs = 10_000;

/** Lambda's Runtime API for one function: hands out invocations and receives the answers. */
export class RuntimeApi {
  readonly #functionArn: string;
  readonly #timeoutMs: number;
  // The connection is idle while the function runs: closing it then would race with the function's answer.
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    // A process that is killed stops in the middle of what it sends.
    this.#answer(request, response).catch(() => response.destroy());
  });
  #waiting: ServerResponse | undefined;
  #current: Invocation | undefined;
  #peakMemoryKb = 0;

  constructor(functionArn: string, timeoutMs: number) {
    this.#functionArn = functionArn;
    this.#timeoutMs = timeoutMs;
  }

  /** @returns the value of AWS_LAMBDA_RUNTIME_API */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The peak memory of the function's processes so far. */
  get peakMemoryMb(): number {
    return Math.ceil(this.#peakMemoryKb / 1024);
  }

  /**
   * Hands one event to the process when it asks for one. Settles when the process asks for the next one, exits, or
   * has used up its time, which is counted from when it received the event.
   */
  invoke(event: unknown): Promise<InvocationResult> {
    return new Promise((settle) => {
      const timer = this.#deadline(coldStartMs + this.#timeoutMs);
      this.#current = { id: randomUUID(), event, settle, timer };
      this.#deliver();
    });
  }

  /** To be called when the function's process has ended: the invocation that it was working on fails. */
  processEnded(how: string): void {
    this.#waiting = undefined;
    if (this.#current) this.#settle(this.#current.answer ?? this.#failure("Runtime.ExitError", how));
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#peakMemoryKb = Math.max(this.#peakMemoryKb, Number(request.headers["local-peak-memory-kb"] ?? 0));
    const path = request.url?.replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      if (this.#current?.answer) this.#settle(this.#current.answer);
      this.#waiting = response;
      this.#deliver();
      return;
    }
    const body = await json(request);
    // What a process says about an invocation that has already ended is ignored.
    if (this.#current && (path === "init/error" || path?.includes(this.#current.id))) {
      this.#current.answer = path.endsWith("/response")
        ? { ok: true, payload: body }
        : { ok: false, error: errorSchema.parse(body) };
    }
    response.writeHead(202).end();
  }

  #deliver(): void {
    if (!this.#waiting || !this.#current) return;
    clearTimeout(this.#current.timer);
    this.#current.timer = this.#deadline(this.#timeoutMs);
    this.#waiting
      .writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": this.#current.id,
        "lambda-runtime-deadline-ms": Date.now() + this.#timeoutMs,
        "lambda-runtime-invoked-function-arn": this.#functionArn,
        "lambda-runtime-trace-id": traceId(),
      })
      .end(JSON.stringify(this.#current.event));
    this.#waiting = undefined;
  }

  #deadline(ms: number): NodeJS.Timeout {
    const seconds = (this.#timeoutMs / 1000).toFixed(2);
    return setTimeout(() => {
      this.#settle(this.#failure("Sandbox.Timedout", `Task timed out after ${seconds} seconds`));
    }, ms);
  }

  #failure(errorType: string, problem: string): InvocationResult {
    const errorMessage = `RequestId: ${this.#current?.id} Error: ${problem}`;
    return { ok: false, error: { errorType, errorMessage, trace: [] } };
  }

  #settle(result: InvocationResult): void {
    clearTimeout(this.#current?.timer);
    this.#current?.settle(result);
    this.#current = undefined;
  }
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${randomBytes(8).toString("hex")};Sampled=1`;
}
