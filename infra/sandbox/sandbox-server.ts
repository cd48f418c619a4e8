import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, jsonAnswer, sandboxError, textAnswer } from "./answer.ts";
import { type Call, readCall } from "./call.ts";
import { answerControl, type Control, trafficControls } from "./control.ts";
import type { Fault } from "./fault.ts";
import { leakyAnswer } from "./leaky-answer.ts";
import { type LoggedRequest, Traffic } from "./traffic.ts";

/** A provider's API, as its sandbox answers for it. */
export interface SandboxApi {
  /** The prefix of the documented paths, e.g. "/v1". */
  readonly basePath: string;
  /** In addition to those that every sandbox has. */
  readonly controls: readonly Control[];
  /** The call's path as the documentation writes it, e.g. "/lists/LIST_ID". */
  templateOf(call: Call): string;
  /** The rows that a call sends, for faults that look at them. @default the body, if it is an array */
  rowsOf?(call: Call): readonly unknown[];
  /** Answers as the provider does. Faults of pages are up to it, as only it knows its pages. */
  answer(call: Call, fault: Fault | undefined): Promise<Answer>;
}

export interface SandboxServerOptions {
  /** How long to wait before each request is handled; requests wait in parallel. */
  readonly delayMs: number;
  /** Whether the log keeps the bodies and rows of requests. */
  readonly keepBodies: boolean;
}

export type RequestListener = (request: LoggedRequest) => void | Promise<void>;

/** Serves a provider's API on this machine: logs requests and injects faults. */
export class SandboxServer {
  readonly traffic = new Traffic();
  readonly listeners = new Set<RequestListener>();
  readonly #api: SandboxApi;
  readonly #options: SandboxServerOptions;
  readonly #controls: readonly Control[];
  // A client may keep a connection as long as it likes: closing an idle one would race with its next request.
  readonly #http = createServer({ keepAliveTimeout: 0 }, (request, response) =>
    this.#handle(request, response),
  );

  constructor(api: SandboxApi, options: SandboxServerOptions) {
    this.#api = api;
    this.#options = options;
    this.#controls = [...trafficControls(this.traffic), ...api.controls];
  }

  /**
   * Rejects if the port is taken.
   *
   * @param port 0 for any free one
   * @returns the API's base URL, e.g. "http://127.0.0.1:4010/v1"
   */
  async start(port: number): Promise<string> {
    const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once("error", reject).listen(port, "127.0.0.1", resolve);
    await listening;
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}${this.#api.basePath}`;
  }

  /** Closes every connection, hanging ones included. */
  async stop(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = this.#http[Symbol.asyncDispose]();
    this.#http.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const call = await readCall(request, this.#api.basePath);
      if (call.path.startsWith("/sandbox/")) send(response, answerControl(this.#controls, call));
      else await this.#serve(call, response);
    } catch (error) {
      if (!response.destroyed && !response.headersSent) send(response, sandboxError(500, String(error)));
    }
  }

  async #serve(call: Call, response: ServerResponse): Promise<void> {
    const { delayMs, keepBodies } = this.#options;
    const logged = this.#log(call);
    for (const listener of this.listeners) await listener(logged);
    const fault = this.traffic.faults.next(call, this.#api.rowsOf?.(call) ?? arrayOf(call.body));
    logged.fault = fault?.kind;
    if (delayMs > 0) await wait(delayMs);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") {
      response.socket?.resetAndDestroy();
      return;
    }
    const plain = interceptedAnswer(fault) ?? (await this.#api.answer(call, fault));
    const answer = fault?.kind === "leaky" ? leakyAnswer(plain, fault.spared ?? []) : plain;
    logged.status = answer.status;
    if (keepBodies) logged.rows = answer.rows ?? [];
    if (fault?.kind === "lost") response.destroy();
    else if (fault?.kind === "cut") cut(response, answer);
    else send(response, answer, fault && "retryAfter" in fault ? fault.retryAfter : undefined);
  }

  #log(call: Call): LoggedRequest {
    const { method, path, query, body } = call;
    const logged: LoggedRequest = {
      method,
      template: this.#api.templateOf(call),
      path,
      query,
      body: this.#options.keepBodies ? body : undefined,
      rows: [],
      status: undefined,
      fault: undefined,
    };
    this.traffic.requests.push(logged);
    return logged;
  }
}

const arrayOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : []);

/** The answer of a proxy or gateway in place of the provider. */
function interceptedAnswer(fault: Fault | undefined): Answer | undefined {
  switch (fault?.kind) {
    case "status":
      if (fault.html !== undefined) return { ...textAnswer("text/html", fault.html), status: fault.status };
      return jsonAnswer(fault.body ?? { status: fault.status, cause: "An injected fault" }, fault.status);
    case "leaky":
      return fault.status === undefined
        ? undefined
        : jsonAnswer({ status: fault.status, message: "" }, fault.status);
    case "garbage":
      return textAnswer(
        "text/html",
        "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>",
      );
    case "wrongShape":
      return jsonAnswer({ unexpected: true });
    default:
      return undefined;
  }
}

function writeHead(
  response: ServerResponse,
  { status, type, body, hasLength = true, statusText = "", headers = {} }: Answer,
  retryAfter?: string | number,
): void {
  const length = body.reduce((bytes, part) => bytes + part.length, 0);
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  const own = { "content-type": type, ...(hasLength && { "content-length": length }) };
  response.writeHead(status, statusText, { ...own, ...headers });
}

function send(response: ServerResponse, answer: Answer, retryAfter?: string | number): void {
  writeHead(response, answer, retryAfter);
  response.cork();
  for (const part of answer.body) response.write(part);
  response.end();
}

function cut(response: ServerResponse, answer: Answer): void {
  const body = Buffer.concat(answer.body);
  writeHead(response, answer);
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}
