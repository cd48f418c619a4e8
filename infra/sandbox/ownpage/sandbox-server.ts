import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Account } from "./account.ts";
import { type Answer, errorAnswer, jsonAnswer, textAnswer } from "./answer.ts";
import { type Call, readCall } from "./call.ts";
import { answerControl } from "./control-routes.ts";
import { type Fault, Faults } from "./fault.ts";
import { answerCall, templateOf } from "./routes.ts";
import type { Row } from "./subscriber-write.ts";

/** A request as the provider saw it. */
export interface LoggedRequest {
  method: string;
  template: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  /** The rows of a write that was applied, even when the answer was lost; none of one that was refused. */
  rows: Row[];
  /** What was answered, an answer that was lost included; undefined when nothing was. */
  status: number | undefined;
  fault: Fault["kind"] | undefined;
}

export type RequestListener = (request: LoggedRequest) => void | Promise<void>;

/** Logs requests, makes them fail when asked to, and answers the others as the provider does. */
export class SandboxServer {
  readonly account: Account;
  readonly faults = new Faults();
  readonly requests: LoggedRequest[] = [];
  readonly listeners = new Set<RequestListener>();

  constructor(account: Account) {
    this.account = account;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const call = await readCall(request);
      if (call.path.startsWith("/sandbox/")) send(response, answerControl(this, call));
      else await this.#serve(call, response);
    } catch (error) {
      if (!response.destroyed && !response.headersSent) send(response, errorAnswer(500, String(error)));
    }
  }

  async #serve(call: Call, response: ServerResponse): Promise<void> {
    const { delayMs, keepBodies } = this.account.options;
    const logged = log(call, keepBodies);
    this.requests.push(logged);
    for (const listener of this.listeners) await listener(logged);
    const fault = this.faults.next(call);
    logged.fault = fault?.kind;
    if (delayMs > 0) await wait(delayMs);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") {
      response.socket?.resetAndDestroy();
      return;
    }
    const answer = replacedAnswer(fault) ?? (await answerCall(shiftedCall(call, fault), this.account));
    logged.status = answer.status;
    if (keepBodies) logged.rows = answer.rows ?? [];
    if (fault?.kind === "lost") response.destroy();
    else if (fault?.kind === "cut") cut(response, answer);
    else send(response, answer, fault?.kind === "status" ? fault.retryAfter : undefined);
  }
}

const log = (call: Call, keepsBody: boolean): LoggedRequest => ({
  method: call.method,
  template: templateOf(call),
  path: call.path,
  query: call.query,
  body: keepsBody ? call.body : undefined,
  rows: [],
  status: undefined,
  fault: undefined,
});

/** What stands between the client and the provider answers instead of it. */
function replacedAnswer(fault: Fault | undefined): Answer | undefined {
  switch (fault?.kind) {
    case "status":
      return jsonAnswer(
        fault.body ?? { status: fault.status, cause: "A fault that was asked for" },
        fault.status,
      );
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

function shiftedCall(call: Call, fault: Fault | undefined): Call {
  const shift = fault?.kind === "repeatRows" ? -1 : fault?.kind === "skipRows" ? 1 : 0;
  if (shift === 0) return call;
  const offset = Math.max(Number(call.query["offset"] ?? 0) + shift, 0);
  return { ...call, query: { ...call.query, offset: String(offset) } };
}

function writeHead(
  response: ServerResponse,
  { status, type, body }: Answer,
  retryAfter?: string | number,
): void {
  const length = body.reduce((bytes, part) => bytes + part.length, 0);
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.writeHead(status, { "content-type": type, "content-length": length });
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
