import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HttpFault, networkFault } from "./http-fault.ts";

/** One request, as it goes over the wire. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** An answer whose head has come; its body is read as it comes, and was decompressed. */
export interface HttpAnswer {
  readonly status: number;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** Sends a request once. A redirect is an answer like another. @throws HttpFault when no answer comes; the signal's reason */
export type SendRequest = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/**
 * By node:http, which hands bodies over as they come: `fetch` copies each of their pieces and wraps it in a
 * stream of the web's, which costs more than parsing them.
 */
export const sendRequest: SendRequest = async ({ url, method, headers, body }, signal) => {
  const { request } = url.startsWith("https:") ? https : http;
  const sent = request(url, { method, headers: { "accept-encoding": "gzip", ...headers }, signal });
  // What happens once the answer has begun is told by its body.
  sent.on("error", () => undefined);
  sent.end(body);
  try {
    const [answer] = (await once(sent, "response", { signal })) as [http.IncomingMessage];
    return { status: answer.statusCode!, headers: answer.headers, body: decompressed(answer) };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HttpFault ? error : networkFault(error);
  }
};

/** @throws HttpFault for an encoding that was not asked for */
function decompressed(answer: http.IncomingMessage): Readable {
  switch (answer.headers["content-encoding"]?.trim().toLowerCase() || "identity") {
    case "identity":
      return answer;
    case "gzip":
    case "x-gzip":
      // Whoever reads the body is told of its failure.
      return pipeline(answer, createGunzip(), () => undefined);
    default:
      answer.destroy();
      throw new HttpFault("a body in an encoding that was not asked for");
  }
}
