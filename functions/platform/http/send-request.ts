import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HttpFault, networkFault } from "./http-fault.ts";

/** One request as it is sent. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** A response whose headers have arrived; its body is streamed, already decompressed. */
export interface HttpResponse {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** Sends a request once and follows no redirect. @throws HttpFault when no response arrives; the signal's reason */
export type SendRequest = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/**
 * Uses node:http, which passes on a body's chunks as they arrive: `fetch` copies each of them into a web stream, which
 * costs more than parsing them.
 */
export const sendRequest: SendRequest = async ({ url, method, headers, body }, signal) => {
  const { request } = url.startsWith("https:") ? https : http;
  const sent = request(url, { method, headers: { "accept-encoding": "gzip", ...headers }, signal });
  // Once the response has begun, its body reports what goes wrong.
  sent.on("error", () => undefined);
  sent.end(body);
  try {
    const [response] = (await once(sent, "response", { signal })) as [http.IncomingMessage];
    return { status: response.statusCode!, headers: response.headers, body: decompress(response) };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HttpFault ? error : networkFault(error);
  }
};

/** @throws HttpFault for an encoding that the request did not accept */
function decompress(response: http.IncomingMessage): Readable {
  switch (response.headers["content-encoding"]?.trim().toLowerCase() || "identity") {
    case "identity":
      return response;
    case "gzip":
    case "x-gzip":
      // The reader of the body gets its errors.
      return pipeline(response, createGunzip(), () => undefined);
    default:
      response.destroy();
      throw new HttpFault("a body in an encoding that was not asked for");
  }
}
